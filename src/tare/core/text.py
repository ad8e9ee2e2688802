"""Source text, spans in it, and edits to it. Offsets count code points from 0; lines and columns from 1."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from tare.core.errors import EditConflictError

_LINE_FEED = re.compile("\n")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The half-open range `[start, end)` of a text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def of(self, text: str) -> str:
        """The text that the span covers."""
        return text[self.start : self.end]

    def shifted(self, by: int) -> "Span":
        """The same span in a text that begins `by` code points earlier."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Position:
    """A place as people name it: line and column from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """A text with its path and its line table."""

    text: str
    path: str | None = None
    _starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        starts.extend(match.end() for match in _LINE_FEED.finditer(self.text))
        object.__setattr__(self, "_starts", starts)

    def position(self, offset: int) -> Position:
        """Line and column of an offset; the end of the text is a valid offset."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def offset(self, line: int, column: int = 1) -> int:
        """Offset of a line and column."""
        return self._starts[line - 1] + column - 1

    def line_text(self, line: int) -> str:
        """A line without its line ending."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `replacement`; an empty span inserts."""

    span: Span
    replacement: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits at once. Insertions at one place keep their order; overlaps raise `EditConflictError`."""
    ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
    for first, second in pairwise(ordered):
        if second.span.start < first.span.end:
            raise EditConflictError(f"edits overlap at offset {second.span.start}")
    if ordered and ordered[-1].span.end > len(text):
        raise EditConflictError(f"edit ends at {ordered[-1].span.end}, past the text's end at {len(text)}")
    parts: list[str] = []
    at = 0
    for edit in ordered:
        parts += (text[at : edit.span.start], edit.replacement)
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)
