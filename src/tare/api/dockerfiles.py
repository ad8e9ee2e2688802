"""Finds and reads Dockerfiles."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tare.api.gitignore import GitIgnore
from tare.schema.lint import FileError

LARGEST_BYTES = 4 * 1024 * 1024
"""Of a file that is read: the longest real Dockerfile known has some 100 kB."""


def find_dockerfiles(paths: Sequence[Path]) -> Iterator[Path | FileError]:
    """Files as given, and those in directories that are called like Dockerfiles, in order of their names.

    Directories that are links are not entered, so there are no loops; what `.gitignore` leaves out is left out.
    """
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            for found in _walk(path, "", GitIgnore()):
                if isinstance(found, FileError) or found not in seen:
                    yield found
                    if isinstance(found, Path):
                        seen.add(found)
        elif path not in seen:
            seen.add(path)
            yield path


def is_dockerfile(name: str) -> bool:
    """Whether a file is called like one: Dockerfile, Containerfile, Dockerfile.*, *.Dockerfile (any case)."""
    lower = name.lower()
    if lower.endswith((".dockerignore", "~", ".swp")):
        return False
    stem = lower.partition(".")[0]
    return stem in ("dockerfile", "containerfile") or lower.endswith((".dockerfile", ".containerfile"))


def read_dockerfile(path: Path) -> str | FileError:
    """The text of a file; an error where it is none, too large, binary or not UTF-8."""
    name = str(path)
    try:
        if not path.is_file():
            return FileError(name, "not a file" if path.exists() else "no such file")
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return FileError(name, f"cannot be read: {reason}")
    return decoded(content, name)


def decoded(content: bytes, name: str) -> str | FileError:
    """The text of a file's bytes, or why they are no text."""
    if len(content) > LARGEST_BYTES:
        return FileError(name, f"larger than {LARGEST_BYTES} bytes: not a Dockerfile")
    if b"\0" in content:
        return FileError(
            name, "binary: it holds a NUL byte", content[: content.index(b"\0")].count(b"\n") + 1, 1
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        return FileError(name, "not UTF-8", line, column, "save the file as UTF-8")


def _walk(directory: Path, relative: str, above: GitIgnore) -> Iterator[Path | FileError]:
    try:
        with os.scandir(directory) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield FileError(str(directory), f"cannot be read: {error.strerror}")
        return
    ignore = above.below(directory, relative)
    for entry in listed:
        inner = entry.is_dir(follow_symlinks=False)
        if entry.name == ".git" or ignore.ignored(relative + entry.name, directory=inner):
            continue
        if inner:
            yield from _walk(directory / entry.name, f"{relative}{entry.name}/", ignore)
        elif is_dockerfile(entry.name) and entry.is_file():
            yield directory / entry.name
