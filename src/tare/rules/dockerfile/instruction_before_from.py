"""TR3061: begin with FROM, or with ARG and FROM."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Anything but ARG before the first FROM."""
    for step in document.steps:
        if step.stage >= 0:
            return
        if step.outer.keyword != "ARG":
            yield Problem(f"{step.outer.keyword} before the first FROM", step.outer.keyword_span, step.outer)


RULE = Rule(
    code="TR3061",
    name="instruction-before-from",
    title="Begin with FROM, or with ARG and FROM.",
    why="Builders reject every other instruction before the first FROM.",
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=("DL3061",),
    reads_broken=True,
    examples=(Example("RUN true\nFROM debian:12\n"),),
    clean=("ARG A=1\nFROM debian:12\n",),
)
