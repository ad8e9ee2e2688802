"""The page in a real browser: it runs, answers to mouse and keys, asks nobody for anything, and names stay text."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tare.report.html.fleet import render as render_fleet
from tare.report.html.inspect import render
from tare.report.html.optimize import render as render_optimize
from tests.report.html.images import HOSTILE, small
from tests.report.test_fleet import NASTY as HOSTILE_NAME
from tests.report.test_fleet import report as fleet_report
from tests.report.test_snapshots import optimize
from tests.support.browser import chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chrome, str]]:
    place = tmp_path_factory.mktemp("page")
    page = place / "page.html"
    page.write_text(render(small(place)), "utf-8")
    with chromium(place / "profile") as browser:
        yield browser, page.as_uri()


@pytest.fixture
def browser(shared: tuple[Chrome, str]) -> Iterator[Chrome]:
    driver, address = shared
    driver.get("about:blank")
    driver.get_log("performance")
    driver.get_log("browser")
    driver.get(address)
    yield driver
    assert driver.get_log("browser") == []
    asked = [json.loads(line["message"])["message"] for line in driver.get_log("performance")]
    urls = {
        message["params"]["request"]["url"].partition("#")[0]
        for message in asked
        if message["method"] == "Network.requestWillBeSent"
    }
    assert urls <= {address}


def until(true: Callable[[], bool]) -> None:
    for _ in range(60):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def shown(browser: Chrome, css: str) -> list[WebElement]:
    return [element for element in browser.find_elements(By.CSS_SELECTOR, css) if element.is_displayed()]


def tile(browser: Chrome, start: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, f'#treemap g[aria-label^="{start}"]')


def crumbs(browser: Chrome) -> list[str]:
    return [part.text for part in browser.find_elements(By.CSS_SELECTOR, "#crumbs span, #crumbs button")]


def test_hostile_names_do_nothing(browser: Chrome) -> None:
    time.sleep(0.2)
    assert "owned" not in browser.title and browser.title.endswith("tare inspect")
    assert browser.find_elements(By.CSS_SELECTOR, "img, iframe, [onerror], [onload], [onfocus]") == []
    texts = {element.text for element in browser.find_elements(By.CSS_SELECTOR, "#files code")}
    assert HOSTILE[0] in texts and HOSTILE[3] in texts and HOSTILE[8] in texts


def test_search_filters_tables_and_marks_the_map(browser: Chrome) -> None:
    before = len(shown(browser, "#files tbody tr"))
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    field = browser.switch_to.active_element
    field.send_keys("MODEL.safe")
    until(lambda: len(shown(browser, "#files tbody tr")) == 2)
    assert before > 10
    assert shown(browser, "#packages") == [] and browser.find_elements(By.CSS_SELECTOR, "#treemap .hit")
    field.send_keys(" nowhere-at-all")
    until(lambda: len(shown(browser, "#empty")) == 1)
    field.send_keys(Keys.ESCAPE)
    until(lambda: len(shown(browser, "#files tbody tr")) == before)
    assert not browser.find_elements(By.CSS_SELECTOR, "#treemap .dim")


def test_the_map_opens_directories_by_mouse_and_goes_back(browser: Chrome) -> None:
    outside = len(browser.find_elements(By.CSS_SELECTOR, "#treemap g"))
    browser.execute_script("document.getElementById('treemap').scrollIntoView({block: 'center'})")
    frame = tile(browser, "hidden in lower layers").find_element(By.CSS_SELECTOR, ":scope > rect")
    x, y = browser.execute_script(
        "const r = arguments[0].getBoundingClientRect(); return [r.x + 12, r.y + 8]", frame
    )
    pointer = ActionBuilder(browser)
    pointer.pointer_action.move_to_location(int(x), int(y)).click()
    pointer.perform()
    assert crumbs(browser)[-1].startswith("hidden in lower layers")
    assert len(browser.find_elements(By.CSS_SELECTOR, "#treemap g")) < outside
    browser.find_element(By.CSS_SELECTOR, "#crumbs button").click()
    assert len(crumbs(browser)) == 1
    assert len(browser.find_elements(By.CSS_SELECTOR, "#treemap g")) == outside


def test_the_map_by_keys(browser: Chrome) -> None:
    first = browser.find_element(By.CSS_SELECTOR, '#treemap g[tabindex="0"]')
    browser.execute_script("arguments[0].focus()", first)
    label = first.get_attribute("aria-label")
    assert label and label.split(",")[0].split("/")[0] in browser.find_element(By.ID, "about").text
    first.send_keys(Keys.ENTER)
    assert len(crumbs(browser)) >= 2
    focused = browser.switch_to.active_element
    focused.send_keys(Keys.ARROW_RIGHT)
    focused.send_keys(Keys.ARROW_DOWN)
    assert browser.switch_to.active_element.tag_name == "g"
    while len(crumbs(browser)) > 1:
        browser.switch_to.active_element.send_keys(Keys.BACKSPACE)
    assert len(crumbs(browser)) == 1


def test_tables_sort_both_ways(browser: Chrome) -> None:
    def sizes() -> list[int]:
        cells = browser.find_elements(By.CSS_SELECTOR, "#files tbody td:nth-child(2)")
        return [int(cell.get_attribute("data-v") or 0) for cell in cells]

    assert sizes() == sorted(sizes(), reverse=True)
    browser.find_element(By.CSS_SELECTOR, "#files th:nth-child(2) button").click()
    assert sizes() == sorted(sizes()) and sizes()[0] < sizes()[-1]
    browser.find_element(By.CSS_SELECTOR, "#files th:nth-child(1) button").click()
    head = browser.find_element(By.CSS_SELECTOR, "#files th:nth-child(1)")
    assert head.get_attribute("aria-sort") == "ascending"


def test_light_dark_and_the_switch(browser: Chrome) -> None:
    def ground() -> str:
        return str(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))

    def prefer(theme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": theme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    prefer("light")
    light = ground()
    prefer("dark")
    dark = ground()
    assert light != dark
    browser.find_element(By.ID, "theme").click()
    assert ground() == light
    browser.refresh()
    assert ground() == light
    browser.find_element(By.ID, "theme").click()
    assert ground() == dark


def test_colours_of_the_map_and_links_to_layers(browser: Chrome) -> None:
    def fills() -> set[str | None]:
        return {
            one.get_attribute("fill")
            for one in browser.find_elements(By.CSS_SELECTOR, "#treemap .leaf > rect")
        }

    assert fills() == {None}
    browser.find_element(By.CSS_SELECTOR, "[data-colour=layer]").click()
    assert len(fills()) >= 3
    browser.find_element(By.CSS_SELECTOR, "#waste a.layer").click()
    until(lambda: len(shown(browser, "#layers details[open]")) == 1)


def test_the_page_of_optimize(shared: tuple[Chrome, str], tmp_path: Path) -> None:
    driver, _ = shared
    page = tmp_path / "optimize.html"
    page.write_text(render_optimize(optimize(built=True)), "utf-8")
    driver.get_log("browser")
    driver.get(page.as_uri())
    assert driver.get_log("browser") == []
    bars = driver.find_elements(By.CSS_SELECTOR, ".versus tbody tr:first-child .first")
    widths = [bar.size["width"] for bar in bars]
    assert len(widths) == 2 and 0.1 < widths[1] / widths[0] < 0.25
    driver.find_element(By.CSS_SELECTOR, "nav a[href='#plan']").click()
    assert driver.current_url.endswith("#plan")


def test_the_page_of_a_fleet_sorts_and_searches_and_names_stay_text(tmp_path: Path) -> None:
    report = fleet_report()
    nasty = replace(report.images[0], names=(HOSTILE_NAME,), fix=HOSTILE_NAME)
    page = tmp_path / "fleet.html"
    page.write_text(render_fleet(replace(report, images=(nasty, *report.images[1:]))), "utf-8")
    with chromium(tmp_path / "profile") as driver:
        driver.get(page.as_uri())
        assert HOSTILE_NAME.partition("\x1b")[0] in driver.find_element(By.ID, "images").text
        driver.find_element(By.CSS_SELECTOR, "#packages th:nth-child(1) button").click()
        names = [
            cell.text for cell in driver.find_elements(By.CSS_SELECTOR, "#packages tbody td:nth-child(1)")
        ]
        assert names == sorted(names) and len(names) == len(report.packages)
        driver.find_element(By.ID, "search").send_keys("vim")
        until(lambda: len(shown(driver, "#packages tbody tr")) == 1)
        assert driver.get_log("browser") == []
