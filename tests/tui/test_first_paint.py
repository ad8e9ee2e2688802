"""What the screen does between the finished analysis and its first paint, counted: work and not seconds, so that the answer is
the same on every machine."""

import asyncio
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tare import api
from tare.api import _inspect as verb
from tare.image.analysis import Analysis
from tare.image.attribute import Attributor
from tare.image.model import Image
from tare.inspect import assemble
from tare.schema.inspect import InspectReport
from tare.tui import paths
from tare.tui.app import InspectApp
from tare.tui.files import FileTree
from tare.tui.lines import Lines
from tare.tui.run import ImageReader
from tare.tui.tables import Table, TableLines
from tests.support.random_image import Operation, layer_tar, write_docker_archive

FILES = 40_000
HEIGHT = 30


def large(directory: Path) -> Path:
    """An image of 40,000 files in 400 directories, and a layer with a few more."""
    heads = []
    for number in range(FILES):
        one = tarfile.TarInfo(f"usr/lib/python3/site-packages/p{number % 400}/m{number}.py")
        heads.append(one.tobuf(tarfile.USTAR_FORMAT))
    upper = layer_tar(
        [Operation("file", "app/main.py", b"x" * 5000), Operation("file", "app/copy.py", b"x" * 5000)]
    )
    return write_docker_archive(directory / "image.tar", [b"".join(heads) + bytes(1024), upper])


def counted(monkeypatch: pytest.MonkeyPatch, work: Counter[str], owner: Any, name: str) -> None:
    """Count the calls of a function or method from now on."""
    real: Callable[..., Any] = getattr(owner, name)

    def call(*values: Any, **options: Any) -> Any:
        work[name] += 1
        return real(*values, **options)

    monkeypatch.setattr(owner, name, call)


def test_nothing_is_done_twice_before_the_first_paint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: Counter[str] = Counter()
    counted(monkeypatch, work, Attributor, "node")
    counted(monkeypatch, work, assemble, "count_changes")
    counted(monkeypatch, work, verb, "survey")
    counted(monkeypatch, work, verb, "make_report")
    counted(monkeypatch, work, Image, "open_blob")
    counted(monkeypatch, work, paths.Paths, "__init__")
    counted(monkeypatch, work, paths.Comparison, "__init__")
    counted(monkeypatch, work, FileTree, "row_text")
    counted(monkeypatch, work, TableLines, "_arranged")
    painted: list[str] = []

    def show(report: InspectReport, analysis: Analysis) -> None:
        work["__init__"] = 0
        app = InspectApp(report, ImageReader(analysis))

        async def look() -> None:
            async with app.run_test(size=(100, HEIGHT)) as pilot:
                await pilot.pause()
                painted.extend(line.render_line(0).text for line in app.query(Lines) if line.size.height)
                assert work["_arranged"] == 0, "a table that nobody sees was made"
                await pilot.press("2")
                await pilot.pause()
                assert work["_arranged"] == 1, "only the table that is looked at is made"
                assert app.query_one("#packages", Table).lines.row_count() == 0

        asyncio.run(look())

    api.inspect(f"docker-archive:{large(tmp_path)}", files=True, changes=True, cuda=False, show=show)
    assert len(painted) == 2 and any("app" in line for line in painted)
    assert work["survey"] == work["make_report"] == work["count_changes"] == 1
    assert work["node"] == FILES + 2, "every file is attributed once"
    assert work["open_blob"] == 2, "the layers are read by the analysis alone"
    assert work["__init__"] == 2, "one list of names, one comparison"
    assert work["row_text"] <= 6 * HEIGHT, "only lines on the screen are drawn"
