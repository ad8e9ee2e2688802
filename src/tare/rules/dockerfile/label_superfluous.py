"""TR3050: set no labels besides those of the schema."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import pairs
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """LABEL with a key that the schema does not have."""
    if not document.settings.strict_labels:
        return
    for step in document.of("LABEL"):
        wrong = [key for key, _ in pairs(step.inner) if key not in document.settings.label_schema]
        if wrong and not step.onbuild:
            yield Problem(f"label `{wrong[0]}` is not in the schema", step.inner.value_span, step.outer)


RULE = Rule(
    code="TR3050",
    name="label-superfluous",
    title="Set no labels besides those of the schema.",
    why="With `strict-labels` in the settings, a misspelt label is found.",
    severity=Severity.INFO,
    category="style",
    check=check,
    equivalents=("DL3050",),
    reads_broken=True,
)
