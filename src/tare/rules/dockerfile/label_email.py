"""TR3058: write an address as in RFC 5322 in labels of the type email."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import wrong_labels
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """LABEL of the type email with another value."""
    yield from wrong_labels(document, "email", "label `{0}` is not an address as in RFC 5322")


RULE = Rule(
    code="TR3058",
    name="label-email",
    title="Write an address as in RFC 5322 in labels of the type email.",
    why="Programs that read the label expect the type that `label-schema` states.",
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=("DL3058",),
    reads_broken=True,
)
