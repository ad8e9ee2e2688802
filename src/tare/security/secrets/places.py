"""Secrets with the place that holds them: files of an image or a build context, settings of an image, a Dockerfile's lines."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from tare.security.secrets.find import Found, find, is_binary

LARGEST_WHOLE = 8 * 1024 * 1024
"""Larger files are read in pieces of this size."""
OVERLAP = 64 * 1024
"""What two pieces share: more than the longest token."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret is. `kind` is file, context, dockerfile, env, label, entrypoint, cmd, healthcheck, history, onbuild,
    configuration. `name` is the variable's, the label's. `layer` counts from 1; None where no layer holds it. `hidden_in` is
    the layer that hides the file, None where a container sees it; `hidden_by` how. Lines and columns from 1; None in binary data.
    """

    kind: str
    path: str = ""
    name: str = ""
    line: int | None = None
    column: int | None = None
    layer: int | None = None
    instruction: str = ""
    hidden_in: int | None = None
    hidden_by: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """A secret and its place."""

    found: Found
    place: Place


def in_text(data: bytes, path: str) -> Iterator[tuple[Found, int | None, int | None]]:
    """The secrets of a file's content, with line and column in text."""
    raw = is_binary(data)
    found = find(data, path, binary=raw)
    if not found or raw:
        yield from ((one, None, None) for one in found)
        return
    starts = [0]
    while (at := data.find(b"\n", starts[-1])) >= 0:
        starts.append(at + 1)
    for one in found:
        line = bisect_right(starts, one.start)
        begin = starts[line - 1]
        yield one, line, len(data[begin : one.start].decode("utf-8", "replace")) + 1
