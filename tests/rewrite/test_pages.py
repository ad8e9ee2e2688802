"""The pages in docs/transforms are those that the transforms themselves make."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_pages_are_current() -> None:
    pages = runpy.run_path(str(DOCS / "make_pages.py"))["pages"]()
    assert pages == {path.name: path.read_text() for path in (DOCS / "transforms").glob("*.md")}
