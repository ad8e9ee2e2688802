"""From text to logical lines: directives, comments, continuations and here-documents.

Source of the rules: BuildKit's `frontend/dockerfile/parser/parser.go` and `directives.go`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from tare.core.errors import DockerfileSyntaxError
from tare.core.text import Source, Span
from tare.dockerfile.expand import ExpansionError, raw_words
from tare.dockerfile.nodes import Directive, Heredoc
from tare.dockerfile.whitespace import REGEXP_SPACE, UNICODE_SPACES

LONGEST_LINE = 65535
"""Bytes of the longest physical line that BuildKit reads (`bufio.MaxScanTokenSize - 1`)."""

_BOM = "\ufeff"
_DIRECTIVES = ("check", "escape", "syntax")
_DIRECTIVE = re.compile(rf"([a-zA-Z][a-zA-Z0-9]*){REGEXP_SPACE}*={REGEXP_SPACE}*(.+?){REGEXP_SPACE}*\Z")
_HEREDOC = re.compile(r"([0-9]*)<<(-?)([^<]*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """One instruction's text with continuations joined. `offsets[i]` is the source offset of `text[i]`.

    `leading` covers the comment lines directly above. `start` and `end` are the offsets of the first line's text
    and after the last line's content.
    """

    text: str
    offsets: tuple[int, ...]
    line: int
    end_line: int
    start: int
    end: int
    leading: Span


@dataclass(frozen=True, slots=True)
class _Physical:
    number: int
    start: int
    content_end: int
    end: int


class Lexer:
    """Reads a Dockerfile line by line. Every method that reads raises `DockerfileSyntaxError`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._lines = list(self._physical_lines())
        self._next = 0
        self._directives_over = False
        self.escape = "\\"
        self.directives: list[Directive] = []

    def error(self, message: str, offset: int, hint: str | None = None) -> DockerfileSyntaxError:
        """An error at an offset, with the line it stands on."""
        at = self._source.position(offset)
        excerpt = self._source.line_text(at.line)
        return DockerfileSyntaxError(
            message, path=self._source.path, line=at.line, column=at.column, excerpt=excerpt, hint=hint
        )

    def line_at(self, offset: int) -> int:
        """Line number of an offset."""
        return self._source.position(offset).line

    def _physical_lines(self) -> Iterator[_Physical]:
        start = len(_BOM) if self._text.startswith(_BOM) else 0
        number = 1
        while start < len(self._text):
            newline = self._text.find("\n", start)
            end = len(self._text) if newline < 0 else newline + 1
            content = self._text[start:end].rstrip("\r\n")
            yield _Physical(number, start, start + len(content), end)
            start = end
            number += 1

    def _take(self) -> _Physical | None:
        if self._next == len(self._lines):
            return None
        line = self._lines[self._next]
        self._next += 1
        if line.end - line.start > LONGEST_LINE // 4:
            size = len(self._text[line.start : line.end].removesuffix("\n").encode("utf-8", "surrogatepass"))
            if size > LONGEST_LINE:
                raise self.error(
                    f"line is longer than {LONGEST_LINE} bytes",
                    line.start,
                    "Split the line with a continuation, or move the data into a file and COPY it.",
                )
        return line

    def next_line(self) -> LogicalLine | None:
        """The next logical line; None at the end of the file."""
        comments_from: int | None = None
        while (first := self._take()) is not None:
            content = self._text[first.start : first.content_end]
            stripped = content.lstrip(UNICODE_SPACES)
            start = first.content_end - len(stripped)
            directive = self._directive(first, start)
            if stripped.startswith("#"):
                if directive:
                    comments_from = None
                elif comments_from is None:
                    comments_from = first.start
                continue
            if not stripped:
                comments_from = None
                continue
            above = first.start if comments_from is None else comments_from
            return self._logical(first, start, Span(above, first.start))
        return None

    def _logical(self, first: _Physical, start: int, leading: Span) -> LogicalLine:
        last = first
        kept = self._without_continuation(start, first.content_end)
        ranges = [range(start, kept)]
        unfinished = kept < first.content_end
        while unfinished and (line := self._take()) is not None:
            last = line
            stripped = self._text[line.start : line.content_end].lstrip(UNICODE_SPACES)
            if not stripped or stripped.startswith("#"):
                continue
            kept = self._without_continuation(line.start, line.content_end)
            ranges.append(range(line.start, kept))
            unfinished = kept < line.content_end
        return LogicalLine(
            text="".join(self._text[part.start : part.stop] for part in ranges),
            offsets=tuple(chain.from_iterable(ranges)),
            line=first.number,
            end_line=last.number,
            start=start,
            end=last.content_end,
            leading=leading,
        )

    def _without_continuation(self, start: int, end: int) -> int:
        """End of a line's text before its continuation character, or `end` when it has none."""
        content = self._text[start:end].rstrip(" \t")
        if not content.endswith(self.escape) or content[-2:-1] == self.escape:
            return end
        return start + len(content) - 1

    def _directive(self, line: _Physical, start: int) -> bool:
        """Read a line as a parser directive; any other line ends the directives."""
        if self._directives_over:
            return False
        content = self._text[start : line.content_end]
        match = _DIRECTIVE.match(content[1:].lstrip(UNICODE_SPACES)) if content.startswith("#") else None
        name = match[1].lower() if match else ""
        if match is None or name not in _DIRECTIVES:
            self._directives_over = True
            return False
        if any(known.name == name for known in self.directives):
            raise self.error(
                f"only one {name} parser directive can be used", start, f"Remove this '# {name}=' line."
            )
        value = match[2]
        if name == "escape":
            if value not in ("\\", "`"):
                raise self.error(
                    f"invalid escape character '{value}'", start, "Use a backslash or a backtick."
                )
            self.escape = value
        self.directives.append(Directive(name, value, Span(line.start, line.content_end)))
        return True

    def heredocs(self, line: LogicalLine) -> tuple[LogicalLine, tuple[Heredoc, ...]]:
        """Read the bodies of the here-documents that a line opens; the line comes back with its new end."""
        documents: list[Heredoc] = []
        for opened in self._opened(line):
            body_start = body_end = self._at()
            while (physical := self._take()) is not None:
                candidate = self._text[physical.start : physical.content_end]
                if opened.chomp:
                    candidate = candidate.lstrip("\t")
                if candidate == opened.name:
                    break
                body_end = physical.end
            else:
                raise self.error(
                    f"unterminated heredoc {opened.name}",
                    line.offsets[0],
                    f"End it with a line that holds only {opened.name}.",
                )
            body = Span(body_start, body_end)
            documents.append(replace(opened, content=body.of(self._text), body_span=body))
            line = replace(line, end_line=physical.number, end=physical.content_end)
        return line, tuple(documents)

    def _at(self) -> int:
        return self._lines[self._next].start if self._next < len(self._lines) else len(self._text)

    def _opened(self, line: LogicalLine) -> list[Heredoc]:
        if "<<" not in line.text:
            return []
        try:
            words = raw_words(line.text, raw_quotes=True, raw_escapes=True)
        except ExpansionError:
            return []
        try:
            found = [parse_heredoc(word) for word in words]
        except ExpansionError as error:
            raise self.error(error.message, line.offsets[0]) from error
        return [document for document in found if document is not None]


def parse_heredoc(word: str) -> Heredoc | None:
    """A here-document without its body, when the word opens one: `<<EOF`, `<<-'EOF'`, `3<<EOF`.

    Raises `ExpansionError` when its name cannot be read.
    """
    match = _HEREDOC.match(word)
    if match is None or not match[3]:
        return None
    names = raw_words(match[3], raw_quotes=False, raw_escapes=False)
    if len(names) != 1:
        return None
    quoted = raw_words(match[3], raw_quotes=True, raw_escapes=False)
    return Heredoc(
        name=names[0],
        content="",
        body_span=Span(0, 0),
        expand=_quotes(names[0]) == _quotes(quoted[0]),
        chomp=match[2] == "-",
        fd=int(match[1][-18:] or "0"),
    )


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')
