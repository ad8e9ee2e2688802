"""TR0002: comments that silence nothing."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Nothing by itself: the engine reports these, since it knows what the comments silenced."""
    return ()


RULE = Rule(
    code="TR0002",
    name="unused-ignore",
    title="Remove comments that silence nothing.",
    why="Such a comment hides the finding that somebody may introduce next year, and tells the reader of a problem that "
    "is not there.",
    severity=Severity.INFO,
    category="style",
    check=check,
)
