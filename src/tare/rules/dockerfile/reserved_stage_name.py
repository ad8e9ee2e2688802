"""TR3063: do not name a stage scratch or context."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """FROM … AS scratch, FROM … AS context."""
    for step in document.of("FROM"):
        for word in step.inner.arguments[2:3]:
            if word.text in ("scratch", "context"):
                yield Problem(f"`{word.text}` is a reserved name", word.span, step.outer)


RULE = Rule(
    code="TR3063",
    name="reserved-stage-name",
    title="Do not name a stage scratch or context.",
    why="These names mean the empty image and the build context.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL3063",
        "ReservedStageName",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12 AS scratch\n"),),
    clean=("FROM debian:12 AS base\n",),
)
