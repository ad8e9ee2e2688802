"""TR3053: write a time as in RFC 3339 in labels of the type rfc3339."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import wrong_labels
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """LABEL of the type rfc3339 with another value."""
    yield from wrong_labels(document, "rfc3339", "label `{0}` is not a time as in RFC 3339")


RULE = Rule(
    code="TR3053",
    name="label-date",
    title="Write a time as in RFC 3339 in labels of the type rfc3339.",
    why="Programs that read the label expect the type that `label-schema` states.",
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=("DL3053",),
    reads_broken=True,
)
