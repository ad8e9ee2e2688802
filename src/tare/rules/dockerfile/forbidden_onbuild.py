"""TR3043: do not trigger FROM, MAINTAINER or ONBUILD."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """ONBUILD FROM, ONBUILD MAINTAINER, ONBUILD ONBUILD."""
    for step in document.steps:
        if step.onbuild and step.keyword in ("FROM", "MAINTAINER", "ONBUILD"):
            yield Problem(f"ONBUILD cannot trigger {step.keyword}", step.inner.keyword_span, step.outer)


RULE = Rule(
    code="TR3043",
    name="forbidden-onbuild",
    title="Do not trigger FROM, MAINTAINER or ONBUILD.",
    why="Builders reject these triggers.",
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=("DL3043",),
    reads_broken=True,
    examples=(Example("FROM debian:12\nONBUILD MAINTAINER x\n"),),
    clean=("FROM debian:12\nONBUILD RUN true\n",),
)
