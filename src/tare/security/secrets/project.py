"""Secrets in Dockerfiles, and in what a build context would send to the builder."""

from collections.abc import Iterator
from typing import BinaryIO

from tare.context.walk import Context, shown
from tare.security.secrets.find import find
from tare.security.secrets.layers import Counted, in_pieces
from tare.security.secrets.places import LARGEST_WHOLE, Located, Place, in_text


def in_dockerfile(text: str, path: str) -> Iterator[Located]:
    """Every secret in a Dockerfile's text, comments included: the file is shared, too."""
    data = text.encode("utf-8", "surrogateescape")
    for one in find(data, shape="command"):
        before = data[: one.start]
        line = before.count(b"\n") + 1
        start = before.rfind(b"\n") + 1
        column = len(before[start:].decode("utf-8", "replace")) + 1
        yield Located(one, Place("dockerfile", path, one.variable, line, column))


def in_context(context: Context, counted: Counted) -> Iterator[Located]:
    """Every secret in the files that are sent; the Dockerfile itself is left to `in_dockerfile`."""
    for entry in context.sent:
        if entry.kind != "file" or entry.path == context.dockerfile or not entry.size_bytes:
            continue
        counted.files += 1
        try:
            with (context.root / entry.path).open("rb") as handle:
                yield from _of_file(handle, entry.path, entry.size_bytes)
        except OSError:
            counted.unread = [*(counted.unread or []), shown(entry.path)]
            continue
        counted.read_bytes += entry.size_bytes


def _of_file(handle: BinaryIO, path: str, size: int) -> Iterator[Located]:
    def read(at: int, count: int) -> bytes:
        handle.seek(at)
        return handle.read(count)

    if size <= LARGEST_WHOLE:
        found = list(in_text(read(0, LARGEST_WHOLE), path))
    else:
        found = [(one, None, None) for one in in_pieces(read, size)]
    for one, line, column in found:
        yield Located(one, Place("context", shown(path), one.variable, line, column))
