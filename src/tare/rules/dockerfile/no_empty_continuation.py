"""TR2004: an empty line inside an instruction."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.whitespace import UNICODE_SPACES
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Instructions with blank lines between their continuation lines, reported on their last line as BuildKit does."""
    for instruction in document.instructions:
        end = instruction.heredocs[0].body_span.start if instruction.heredocs else instruction.span.end
        if "\n" not in document.text[instruction.span.start : end]:
            continue
        blank = _blank_lines(document.text, instruction.span.start, end)
        if blank:
            last = document.text.rfind("\n", 0, max(end - 1, 0)) + 1
            edits = [Edit(span, "") for span in blank]
            yield Problem(
                "empty line inside an instruction",
                blank[0],
                instruction,
                safe_fix("Remove the empty lines", *edits),
                reported_at=last,
            )


def _blank_lines(text: str, start: int, end: int) -> list[Span]:
    found: list[Span] = []
    at = text.find("\n", start) + 1
    while 0 < at < end:
        following = text.find("\n", at) + 1 or len(text)
        if not text[at:following].strip(UNICODE_SPACES) and following <= end + 1:
            found.append(Span(at, following))
        at = following if following < len(text) else 0
    return found


RULE = Rule(
    code="TR2004",
    name="no-empty-continuation",
    title="Leave no empty line inside an instruction.",
    why="Where the line before ends in a backslash, an empty line is skipped today and announced to become an error. "
    "People read it as the end of the instruction.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("NoEmptyContinuation", "tally/NoEmptyContinuation"),
    safety="The builder skips these lines: the instruction's text does not change.",
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN echo a && \\\n\n    echo b\n",
            "FROM debian:12\nRUN echo a && \\\n    echo b\n",
        ),
    ),
    clean=(
        "FROM debian:12\n\nRUN echo a && \\\n    # why\n    echo b\n",
        "FROM debian:12\nRUN <<EOF\necho a\n\necho b\nEOF\n",
    ),
)
