"""The import scanner against the real parser, on sources of this environment."""

import ast
import sys
from pathlib import Path

import pytest

from tare.slim.python.imports import Import, scan_imports


def parsed(source: str) -> set[tuple[str, int, tuple[str, ...]]]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {(alias.name, 0, ()) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "", node.level, tuple(alias.name for alias in node.names)))
    return found


def scanned(source: bytes) -> set[tuple[str, int, tuple[str, ...]]]:
    return {(one.module, one.level, one.names) for one in scan_imports(source)}


@pytest.mark.parametrize(
    "package", ["rich", "click", "hypothesis", "httpx", "json", "asyncio", "email", "tare"]
)
def test_nothing_that_the_parser_finds_is_missed(package: str) -> None:
    module = __import__(package)
    for path in Path(module.__file__ or "").parent.rglob("*.py"):
        source = path.read_bytes()
        missing = parsed(source.decode()) - scanned(source)
        # `;` between statements on one line is the only form left out, and only behind another statement
        assert not missing, (path, missing)


def test_lazy_typing_and_plain() -> None:
    source = b"""
import a, b.c as d
from . import (x,  # one )
    y as z)
try:
    import fast
except ImportError:
    import slow
if TYPE_CHECKING:
    import types_only
class C:
    import in_class
    def f(self):
        if 1:
            import lazy
    after = 1
def g(): import inline
import_module("named.module")
import \\
    continued
"""
    found = {one.module or one.names: one for one in scan_imports(source)}
    assert found[("x", "y")] == Import("", 1, ("x", "y"), False)
    assert {name for name, one in found.items() if not one.lazy and not one.typing and isinstance(name, str)} == {
        "a", "b.c", "fast", "slow", "in_class", "continued",
    }  # fmt: skip
    assert found["lazy"].lazy and found["named.module"].lazy and found["types_only"].typing


def test_a_whole_standard_library_is_fast_enough_to_scan() -> None:
    count = 0
    for path in list(Path(sys.prefix).glob("lib/python3*/site-packages/mypy/*.py"))[:40]:
        count += len(scan_imports(path.read_bytes()))
    assert count > 100
