"""TR3024: give each stage a name of its own."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """FROM … AS NAME where NAME was taken."""
    names: set[str] = set()
    for step in document.of("FROM"):
        for word in step.inner.arguments[2:3]:
            if word.text in names:
                yield Problem(f"there is a stage `{word.text}` already", word.span, step.outer)
            names.add(word.text)


RULE = Rule(
    code="TR3024",
    name="duplicate-stage-name",
    title="Give each stage a name of its own.",
    why=(
        "Of two stages with one name, a later FROM or COPY --from means the last: a stage put in between "
        "changes what is copied."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=(
        "DL3024",
        "DuplicateStageName",
        "DS-0012",
        "CKV_DOCKER_11",
        "same_alias_in_different_froms",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12 AS a\nFROM debian:12 AS a\n"),),
    clean=("FROM debian:12 AS a\nFROM debian:12 AS b\n",),
)
