"""TR3023: do not copy from the stage itself."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """COPY --from=NAME inside of the stage NAME."""
    name: str | None = None
    for step in document.steps:
        if step.keyword == "FROM":
            name = step.inner.arguments[2].text if len(step.inner.arguments) == 3 else None
        if step.keyword == "COPY" and not step.onbuild and name and step.inner.flag("from") == name:
            where = next(flag.span for flag in step.inner.flags if flag.name == "from")
            yield Problem("a stage cannot copy from itself", where, step.outer)


RULE = Rule(
    code="TR3023",
    name="copy-from-itself",
    title="Do not copy from the stage itself.",
    why="A stage cannot read what it is about to make: builders reject the circle.",
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=(
        "DL3023",
        "DS-0006",
        "copy_from_references_current_from_alias",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12 AS a\nCOPY --from=a /a /b\n"),),
    clean=("FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a /a /b\n",),
)
