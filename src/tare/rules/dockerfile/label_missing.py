"""TR3049: set the labels that the team wants."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import pairs
from tare.rules.lineage import inherited, shipped
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """A stage without one of the labels of the schema."""
    wanted = list(document.settings.label_schema)
    if not wanted:
        return
    stages = shipped(document)
    parents = inherited(document)
    labels: dict[int, set[str]] = {}
    for step in document.steps:
        if step.keyword == "FROM":
            labels[step.stage] = set(labels.get(parents.get(step.stage, -2), ()))
        if step.keyword == "LABEL" and not step.onbuild:
            labels.setdefault(step.stage, set()).update(key for key, _ in pairs(step.inner))
    for index, step in enumerate(document.of("FROM")):
        missing = [name for name in wanted if name not in labels.get(index, ())]
        if index in stages and missing:
            yield Problem(f"label `{missing[0]}` is missing", step.outer.span, step.outer)


RULE = Rule(
    code="TR3049",
    name="label-missing",
    title="Set the labels that the team wants.",
    why="With `label-schema` in the settings, every image says who owns it and what it was built from.",
    severity=Severity.INFO,
    category="style",
    check=check,
    equivalents=("DL3049",),
    reads_broken=True,
)
