"""TR3051: give labels a value."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import pairs
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """LABEL of the schema without a value."""
    wanted = {name for name, type_ in document.settings.label_schema.items() if type_ != "rawtext"}
    for step in document.of("LABEL"):
        empty = [key for key, value in pairs(step.inner) if key in wanted and not value]
        if empty and not step.onbuild:
            yield Problem(f"label `{empty[0]}` is empty", step.inner.value_span, step.outer)


RULE = Rule(
    code="TR3051",
    name="label-empty",
    title="Give labels a value.",
    why="An empty label that the schema wants says nothing.",
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=("DL3051",),
    reads_broken=True,
)
