"""The screen, by pressing keys and looking at what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Input, Static

from tare.image import analyse, open_image
from tare.inspect.assemble import make_report
from tare.inspect.survey import survey
from tare.tui.app import InspectApp
from tare.tui.files import FileTree
from tare.tui.keys import KEYS, KeysScreen
from tare.tui.layers import LayersPane
from tare.tui.lines import Lines
from tare.tui.run import ImageReader
from tare.tui.tables import Table
from tare.tui.viewer import Viewer
from tests.support.random_image import Operation, layer_tar, write_docker_archive

RECORD = b"torch/a.so,,\ntorch/b.so,,\n"
SITE = "usr/lib/python3/site-packages"
LAYERS = (
    [
        Operation("file", "etc/kept", b"k" * 10),
        Operation("file", "etc/edited", b"old\n" * 10),
        Operation("file", "srv/gone/a", b"g" * 7000),
        Operation("file", "opt/[bold]tool\x1b[31m", b"t" * 40),
        Operation("file", f"{SITE}/torch/a.so", bytes(range(256)) * 300),
        Operation("file", f"{SITE}/torch/b.so", bytes(range(255)) * 300),
        Operation("file", f"{SITE}/torch-2.0.dist-info/METADATA", b"Name: torch\nVersion: 2.0\n"),
        Operation("file", f"{SITE}/torch-2.0.dist-info/RECORD", RECORD),
        Operation("symlink", "bin", link="usr/bin"),
        Operation("symlink", "opt/link", link="../etc/kept"),
    ],
    [Operation("file", "etc/edited", b"new\n" * 20), Operation("whiteout", "srv/gone")],
    [
        Operation("file", "app/copy", bytes(range(256)) * 300),
        Operation("file", "app/main.py", b"import torch\n"),
    ],
)
Test = Callable[[InspectApp, Pilot[None]], Awaitable[None]]


@contextmanager
def opened(directory: Path, layers: Sequence[Sequence[Operation]] = LAYERS) -> Iterator[InspectApp]:
    archive = write_docker_archive(directory / "image.tar", [layer_tar(layer) for layer in layers])
    with open_image(f"docker-archive:{archive}") as image:
        analysis = analyse(image)
        yield InspectApp(make_report(survey(analysis), files=True, changes=True), ImageReader(analysis))


def drive(
    directory: Path,
    test: Test,
    size: tuple[int, int] = (100, 30),
    layers: Sequence[Sequence[Operation]] = LAYERS,
) -> None:
    async def run(app: InspectApp) -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await test(app, pilot)

    with opened(directory, layers) as app:
        asyncio.run(run(app))


def rows(app: InspectApp) -> list[str]:
    return [app.paths.nodes[place].path for place, _ in app.rows.rows]


def status(app: InspectApp) -> str:
    return str(app.query_one("#status", Static).render())


def about(app: InspectApp) -> str:
    return str(app.query_one("#about", Static).render())


def screen(lines: Lines) -> list[str]:
    return [lines.render_line(y).text.rstrip() for y in range(min(lines.size.height, lines.row_count()))]


async def rest(pilot: Pilot[None]) -> None:
    """Until the layers under the cursor are compared."""
    await pilot.pause(0.15)
    await pilot.pause()


def test_it_starts_on_the_top_layer(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        assert isinstance(app.focused, LayersPane) and app.focused.cursor == 2
        assert rows(app) == ["usr", "app", "etc", "opt", "bin", "srv"]
        assert "layer 3, changes of this layer" in status(app) and "RUN step 2" in about(app)
        lines = screen(app.query_one(FileTree))
        assert lines[1].startswith("+ ") and lines[0].startswith("  ") and "→ usr/bin" in lines[4]

    drive(tmp_path, test)


def test_layers_and_the_two_ways_to_compare_them(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("k")
        await rest(pilot)
        assert "layer 2" in status(app) and "srv/gone" not in rows(app)
        await pilot.press("tab", "ctrl+@")
        assert {"etc/edited", "srv/gone", "srv/gone/a"} <= set(rows(app)) and "app" not in rows(app)
        await pilot.press("tab", "down", "ctrl+a")
        await rest(pilot)
        assert "since the lowest layer" in status(app)
        tree = app.query_one(FileTree)
        marks = {line.split()[-1]: line[0] for line in screen(tree)}
        assert marks["edited"] == "~" and marks["copy"] == "+" and marks["kept"] == " "
        await pilot.press("ctrl+l")
        marks = {line.split()[-1]: line[0] for line in screen(tree)}
        assert marks["edited"] == " " and marks["copy"] == "+"

    drive(tmp_path, test)


def test_kinds_of_change_go_and_come(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("up", "tab")
        await rest(pilot)
        await pilot.press("asterisk")
        everything = rows(app)
        await pilot.press("ctrl+u")
        assert set(rows(app)) == {"etc", "etc/edited", "srv", "srv/gone", "srv/gone/a"}
        assert "without unmodified" in status(app)
        await pilot.press("ctrl+r")
        assert set(rows(app)) == {"etc", "etc/edited", "srv"}
        await pilot.press("m")
        assert rows(app) == []
        await pilot.press("ctrl+u", "ctrl+r", "m")
        assert rows(app) == everything
        await pilot.press("tab", "up")
        await rest(pilot)
        await pilot.press("tab", "ctrl+a")
        assert rows(app) == []
        await pilot.press("a", "w")
        assert {"srv/gone/a", "etc/edited"} <= set(rows(app)) and "etc/kept" not in rows(app)
        assert any("⊘ layer 2" in line for line in screen(app.query_one(FileTree)))

    drive(tmp_path, test)


def test_folding_moving_and_sorting(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("tab", "down", "space", "down")
        tree = app.query_one(FileTree)
        assert rows(app)[1:4] == ["app", "app/copy", "app/main.py"]
        assert "/app/copy" in about(app) and "layer 3" in about(app)
        await pilot.press("left")
        assert tree.cursor == 1
        await pilot.press("h")
        assert "app/copy" not in rows(app)
        await pilot.press("ctrl+o")
        assert rows(app) == ["app", "bin", "etc", "opt", "srv", "usr"] and "by name" in status(app)
        await pilot.press("end")
        assert tree.cursor == 5
        await pilot.press("home", "ctrl+b")
        assert "drwx" not in "".join(screen(tree))

    drive(tmp_path, test)


def test_filtering_paths_and_tables(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+f", *"[a-b].so$")
        assert [path for path in rows(app) if path.endswith(".so")] == [
            f"{SITE}/torch/a.so",
            f"{SITE}/torch/b.so",
        ]
        await pilot.press("enter")
        assert isinstance(app.focused, FileTree) and "matching" in status(app)
        await pilot.press("escape")
        assert rows(app)[0] == "usr" and "matching" not in status(app)
        await pilot.press("slash", *"(")
        assert "not a regular expression" in status(app) and app.query_one("#ask", Input).display
        await pilot.press("escape", "5", "slash", *"duplic")
        table = app.query_one("#what-if", Table).lines
        assert [row.cells[0].split(":")[0] for row in table.rows] == ["duplicates"]
        await pilot.press("escape")
        assert len(table.rows) >= 3

    drive(tmp_path, test)


def test_from_tables_to_files(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        assert app.query_one("#views", ContentSwitcher).current == "packages"
        assert "torch 2.0" in about(app)
        await pilot.press("enter")
        await rest(pilot)
        found = {path for path in rows(app) if path.endswith(".so")}
        assert found == {f"{SITE}/torch/a.so", f"{SITE}/torch/b.so"} and "of torch" in status(app)
        await pilot.press("3")
        table = app.query_one("#waste", Table).lines
        first = next(row for row, one in enumerate(table.rows) if one.cells[0] == "deleted with directory")
        for _ in range(first):
            await pilot.press("down")
        assert "srv/gone/a" in about(app)
        await pilot.press("enter")
        await rest(pilot)
        tree = app.query_one(FileTree)
        assert tree.place is not None and app.paths.nodes[tree.place].path == "srv/gone/a"
        assert app.layer == 1 and "wasted" in about(app)
        await pilot.press("3", "ctrl+o")
        assert table.sort == 5

    drive(tmp_path, test)


def test_a_file_as_text_and_as_bytes(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"edited", "enter", "end", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, Viewer)
        lines = app.screen.content
        assert screen(lines)[0].split() == ["1", "new"] and lines.row_count() == 20
        await pilot.press("x")
        assert screen(lines)[0].startswith("00000000  6e 65 77 0a") and "new·new" in screen(lines)[0]
        await pilot.press("escape")
        assert not isinstance(app.screen, Viewer)

    drive(tmp_path, test)


def test_enter_on_a_link_goes_where_it_leads(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"link|kept", "enter", "end", "enter")
        tree = app.query_one(FileTree)
        assert tree.place is not None and app.paths.nodes[tree.place].path == "etc/kept"
        await pilot.press("escape", "slash", *"^bin", "enter", "home", "enter")
        await pilot.pause()
        assert any("bin is a symlink" in notice.message for notice in app._notifications)

    drive(tmp_path, test)


def test_the_older_version_is_shown_on_its_layer(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("home")
        await rest(pilot)
        await pilot.press("slash", *"edited", "enter", "end", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, Viewer) and app.screen.content.content == b"old\n" * 10

    drive(tmp_path, test)


def test_extraction(tmp_path: Path) -> None:
    target = tmp_path / "out"

    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"^etc", "enter", "home", "ctrl+e")
        field = app.query_one("#ask", Input)
        assert field.value == "./etc"
        field.value = str(target)
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert (target / "edited").read_bytes() == b"new\n" * 20 and (target / "kept").exists()
        await pilot.press("ctrl+e")
        field.value = str(target)
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert any("is there already" in notice.message for notice in app._notifications)

    drive(tmp_path, test)


def test_names_from_the_image_are_text(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"tool", "enter", "end", "ctrl+b")
        shown = screen(app.query_one(FileTree))[-1]
        assert "[bold]tool\\x1b[31m" in shown and "\x1b" not in about(app) and "[bold]tool" in about(app)

    drive(tmp_path, test)


WIDE = (
    "日本語のとても長い名前" * 6,
    "emoji😀",
    "new\nline",
    "tab\there",
    "\udcff\udcfe",
    "rtl\u202eabc",
    "[/red]",
    "a" * 250,
)


def test_every_line_has_the_width_of_the_screen_whatever_the_names(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("tab", "asterisk", "end", "enter")
        tree = app.query_one(FileTree)
        strips = [tree.render_line(y) for y in range(tree.size.height)]
        assert {strip.cell_length for strip in strips} == {tree.size.width}
        assert not any(ord(char) < 32 or char == "\u202e" for strip in strips for char in strip.text)
        await pilot.press("ctrl+e", "escape", "tab")
        assert app.is_running

    drive(tmp_path, test, layers=[[Operation("fifo", f"{name}/{name}"[:250]) for name in WIDE]])


def test_the_page_of_keys(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        assert isinstance(app.screen, KeysScreen)
        await pilot.press("escape", "q")
        assert not app.is_running or app._exit

    drive(tmp_path, test)


def test_a_narrow_terminal(tmp_path: Path) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press("2", "3", "4", "5", "1", "asterisk", "end", "pageup")
        assert all(len(line) <= 80 for line in screen(app.query_one(FileTree)))

    drive(tmp_path, test, size=(80, 24))


@pytest.mark.parametrize("layers", [[], [[]], [[Operation("file", "/".join(["d"] * 400), b"x")]]])
def test_odd_images(tmp_path: Path, layers: list[list[Operation]]) -> None:
    async def test(app: InspectApp, pilot: Pilot[None]) -> None:
        await pilot.press(
            "tab", "asterisk", "end", "enter", "w", "ctrl+e", "escape", "2", "enter", "3", "enter", "1"
        )
        await app.workers.wait_for_complete()
        assert app.is_running and "layer" in status(app)

    drive(tmp_path, test, layers=layers)


@pytest.mark.parametrize("place", ["docs/inspect-views.md"])
def test_the_guide_has_the_same_keys(place: str) -> None:
    text = (Path(__file__).parents[2] / place).read_text("utf-8")
    for key, does in KEYS:
        assert f"| {key} | {does} |" in text
