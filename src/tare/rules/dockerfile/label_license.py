"""TR3054: write an SPDX licence identifier in labels of the type spdx."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import wrong_labels
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """LABEL of the type spdx with another value."""
    yield from wrong_labels(document, "spdx", "label `{0}` is not an SPDX licence identifier")


RULE = Rule(
    code="TR3054",
    name="label-license",
    title="Write an SPDX licence identifier in labels of the type spdx.",
    why="Programs that read the label expect the type that `label-schema` states.",
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=("DL3054",),
    reads_broken=True,
)
