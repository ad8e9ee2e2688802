"""The file that holds a project's configuration, and the line on which each of its keys stands."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tare.core.errors import UsageError

NAME = "tare.toml"
SECTION = ("tool", "tare")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """`tare.toml`, or `[tool.tare]` of a `pyproject.toml`: its table and the 1-based line of each key's first mention."""

    path: Path
    table: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    def where(self, key: tuple[str, ...]) -> str:
        """`tare.toml:3` for a key, or for the nearest table above it that is named."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.lines:
                return f"{self.path}:{self.lines[key[:length]]}"
        return str(self.path)


def find_config_file(start: Path) -> ConfigFile | None:
    """The nearest one, searched from a directory upwards. Raises `UsageError` for a file that is no TOML."""
    for directory in (start.resolve(), *start.resolve().parents):
        own = directory / NAME
        if own.is_file():
            text, table = _parse(own)
            return ConfigFile(own, table, key_lines(text))
        project = directory / "pyproject.toml"
        if project.is_file():
            text, tree = _parse(project)
            found = tree.get("tool", {})
            if isinstance(found, dict) and "tare" in found:
                if not isinstance(found["tare"], dict):
                    raise UsageError("tool.tare is no table", where=str(project), hint="write [tool.tare]")
                return ConfigFile(project, found["tare"], _below(key_lines(text), SECTION))
    return None


def _parse(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not TOML: {error}", where=str(path)) from error
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _below(lines: Mapping[tuple[str, ...], int], section: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    size = len(section)
    return {path[size:]: line for path, line in lines.items() if path[:size] == section and len(path) > size}


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line on which each key and table of a valid TOML text begins. Items of arrays have no keys of their own."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, statement in _statements(text):
        tree = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = max(_paths(tree, ()), key=len, default=())
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
            continue
        for path in _paths(tree, table):
            lines.setdefault(path, number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Headers and key-value pairs with their first lines: lines are joined until tomllib takes them."""
    held: list[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not held:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            start = number
        held.append(line)
        if line.rstrip().endswith((",", "[", "{")) and "#" not in line:
            continue
        statement = "\n".join(held)
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield start, statement
        held = []


def _paths(tree: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in tree.items():
        path = (*above, name)
        yield path
        if isinstance(value, dict):
            yield from _paths(value, path)
