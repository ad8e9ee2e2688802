import csv
import io
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tare.api._fleet import FleetOptions, fleet
from tare.report.csv.fleet import tables
from tare.report.registry import render, render_page
from tare.schema.fleet import FleetMissing, FleetReport
from tests.support.fleet import small_fleet
from tests.support.registries import serving

NASTY = "</script><img src=x onerror=alert(1)>\x1b[31m"


@cache
def report() -> FleetReport:
    with TemporaryDirectory() as folder, serving(small_fleet(3).registry) as host:
        return fleet([f"catalog:{host}"], Path(folder), options=FleetOptions(workers=1))


def partial() -> FleetReport:
    return replace(report(), complete=False, missing=(FleetMissing("docker://gone:1", "read", NASTY, "try"),))


def test_text_says_what_one_change_saves() -> None:
    text = render(report(), "text")
    assert "4 images under 4 names, 7 layers, 1 of them shared" in text
    assert re.search(r"base/debian:12 +3 +100 kB", text)
    assert "Install no tools that the application does not call" in text
    assert "at 0.09 USD a GB" in text and "NOT COMPLETE" not in text


def test_a_part_is_named_first_in_every_format() -> None:
    text = render(partial(), "text")
    assert text.startswith("NOT COMPLETE: 1 missing") and "docker://gone:1" in text and "\x1b" not in text
    assert "Not complete: 1 missing." in render_page(partial())
    assert '"complete": false' in render(partial(), "json")
    last = list(csv.reader(io.StringIO(render(partial(), "csv"))))[-1]
    assert last[:2] == ["MISSING", "docker://gone:1"]


def test_csv_has_every_image_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(render(report(), "csv"))))
    assert len(rows) == 4 and sum(int(row["size_bytes"]) for row in rows) == report().totals.images_bytes
    assert {row["compressed_bytes_basis"] for row in rows} == {"measured"}
    first = replace(report().images[0], base="=cmd|'/c calc'!A1")
    text = tables(replace(report(), images=(first,)))["images"]
    assert "'=cmd" in text


def test_the_page_shows_names_as_text() -> None:
    nasty = replace(report().images[0], names=(NASTY,), fix=NASTY)
    page = render_page(replace(report(), sources=(NASTY,), images=(nasty,), notes=(NASTY,)))
    assert "<img" not in page and "\x1b" not in page
    assert page.count("&lt;/script&gt;") >= 4
    assert not re.search(r"<link|<iframe|@import|url\(", page)


def test_the_page_has_a_row_for_everything() -> None:
    page = render_page(report())
    for image in report().images:
        assert image.names[0] in page
    for package in report().packages:
        assert package.name in page
