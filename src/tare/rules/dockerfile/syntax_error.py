"""TR0001: what BuildKit rejects."""

from collections.abc import Iterable

from tare.core.text import Span
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """The error with which BuildKit would stop."""
    error = document.error
    if error is None:
        return
    source = document.source
    at = source.offset(error.line, error.column)
    end = max(at, source.offset(error.line) + len(source.line_text(error.line)))
    message = error.message if error.hint is None else f"{error.message}. {error.hint}"
    yield Problem(message, Span(min(at, len(document.text)), min(end, len(document.text))))


RULE = Rule(
    code="TR0001",
    name="syntax-error",
    title="Write a Dockerfile that BuildKit accepts.",
    why="The build stops before its first step. Only the checks that make sense of broken files run on such a file, and "
    "no fix is offered there. Comments do not silence this finding.",
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=("DL1000",),
    reads_broken=True,
    examples=(Example("FROM debian:12\nRUNN true\n"),),
    clean=("FROM debian:12\nRUN true\n",),
)
