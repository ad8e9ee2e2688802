"""What lies beside a Dockerfile: the ignore file in force and the files that a COPY names."""

import os
import posixpath
from pathlib import Path
from typing import cast

from tare.context.ignore import IgnoreRules, parse_ignore
from tare.context.walk import ignore_file
from tare.core.errors import ContextError
from tare.rules.document import Document

_LARGEST_BYTES = 1024 * 1024
_MOST_ENTRIES = 20_000


def ignore_rules(document: Document) -> IgnoreRules | None:
    """The ignore file of the build context; None when the context is unknown, or the file is missing or broken."""
    return document.once(_ignore_rules)


def _ignore_rules(document: Document) -> IgnoreRules | None:
    if document.directory is None:
        return None
    name = Path(document.path).name if document.path else "Dockerfile"
    found = ignore_file(document.directory, document.directory / name)
    if found not in document.memory:
        document.memory[found] = _parsed(found)
    return cast("IgnoreRules | None", document.memory[found])


def _parsed(found: Path | None) -> IgnoreRules | None:
    text = _read(found) if found else None
    if text is None:
        return None
    try:
        return parse_ignore(text.decode(errors="surrogateescape"), ".dockerignore")
    except ContextError:
        return None


def read_file(document: Document, path: str) -> bytes | None:
    """A file of the build context by its path there, None when it cannot be read, is large, or lies outside."""
    if document.directory is None:
        return None
    inside = posixpath.normpath(path.lstrip("/"))
    if inside.startswith("..") or "\0" in inside:
        return None
    return _read(document.directory / inside)


def _read(path: Path) -> bytes | None:
    try:
        if not path.is_file():
            return None
        with path.open("rb") as handle:
            data = handle.read(_LARGEST_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= _LARGEST_BYTES else None


def files_below(document: Document, path: str) -> tuple[tuple[str, int], ...]:
    """Files that are sent when a COPY names this path (`.` for all), with their sizes in bytes; at most 20,000 entries are
    looked at. Empty when the context is unknown."""
    if document.directory is None:
        return ()
    inside = posixpath.normpath(path.lstrip("/") or ".")
    if inside.startswith("..") or "\0" in inside:
        return ()
    rules = ignore_rules(document)
    key = (document.directory, inside, id(rules))
    if key not in document.memory:
        document.memory[key] = _files(document.directory, inside, rules or IgnoreRules())
    return cast("tuple[tuple[str, int], ...]", document.memory[key])


def _files(directory: Path, inside: str, rules: IgnoreRules) -> tuple[tuple[str, int], ...]:
    start = directory / inside
    try:
        if start.is_file() and not start.is_symlink():
            return () if rules.excluded(inside) else ((inside, start.stat().st_size),)
    except OSError:
        return ()
    found: list[tuple[str, int]] = []
    waiting = [inside]
    seen = 0
    while waiting and seen < _MOST_ENTRIES:
        prefix = waiting.pop()
        try:
            with os.scandir(directory / prefix) as listing:
                entries = list(listing)
        except OSError:
            continue
        seen += len(entries)
        for entry in entries:
            name = entry.name if prefix == "." else f"{prefix}/{entry.name}"
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in (".git", "node_modules") and not _left_out(rules, name):
                        waiting.append(name)
                elif entry.is_file(follow_symlinks=False) and not rules.excluded(name):
                    found.append((name, entry.stat(follow_symlinks=False).st_size))
            except OSError:
                continue
    return tuple(found)


def _left_out(rules: IgnoreRules, name: str) -> bool:
    return not rules.has_exceptions and rules.excluded(name)
