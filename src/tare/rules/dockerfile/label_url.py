"""TR3052: write an absolute URL in labels of the type url."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import wrong_labels
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """LABEL of the type url with another value."""
    yield from wrong_labels(document, "url", "label `{0}` is not an absolute URL")


RULE = Rule(
    code="TR3052",
    name="label-url",
    title="Write an absolute URL in labels of the type url.",
    why="Programs that read the label expect the type that `label-schema` states.",
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=("DL3052",),
    reads_broken=True,
)
