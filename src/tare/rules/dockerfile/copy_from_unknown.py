"""TR3022: copy from a stage that was named before."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """COPY --from=NAME, where NAME is neither an earlier stage nor an image with a tag."""
    names: set[str] = set()
    count = 0
    for step in document.steps:
        if step.keyword == "FROM" and not step.onbuild:
            count += 1
            names |= {word.text for word in step.inner.arguments[2:3]}
        source = step.inner.flag("from") if step.keyword == "COPY" else None
        if not source or step.onbuild or ":" in source or source in names:
            continue
        if not (source.isdecimal() and int(source[:9]) < count):
            where = next(flag.span for flag in step.inner.flags if flag.name == "from")
            yield Problem(f"`{source}` is no stage named above", where, step.outer)


RULE = Rule(
    code="TR3022",
    name="copy-from-unknown",
    title="Copy from a stage that was named before.",
    why="A name that is no earlier stage is taken for an image: a typo makes the builder pull a stranger.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL3022",
        "copy_from_without_from_alias_defined_previously",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nCOPY --from=builder /a /b\n"),),
    clean=(
        "FROM debian:12 AS builder\nFROM debian:12\nCOPY --from=builder /a /b\n",
        "FROM debian:12\nCOPY --from=debian:12 /a /b\n",
    ),
)
