"""TR3056: write a semantic version in labels of the type semver."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import wrong_labels
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """LABEL of the type semver with another value."""
    yield from wrong_labels(document, "semver", "label `{0}` is not a semantic version")


RULE = Rule(
    code="TR3056",
    name="label-version",
    title="Write a semantic version in labels of the type semver.",
    why="Programs that read the label expect the type that `label-schema` states.",
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=("DL3056",),
    reads_broken=True,
)
