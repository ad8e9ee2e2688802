"""TR3055: write a git hash of 7 or 40 characters in labels of the type hash."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import wrong_labels
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """LABEL of the type hash with another value."""
    yield from wrong_labels(document, "hash", "label `{0}` is not a git hash of 7 or 40 characters")


RULE = Rule(
    code="TR3055",
    name="label-hash",
    title="Write a git hash of 7 or 40 characters in labels of the type hash.",
    why="Programs that read the label expect the type that `label-schema` states.",
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=("DL3055",),
    reads_broken=True,
)
