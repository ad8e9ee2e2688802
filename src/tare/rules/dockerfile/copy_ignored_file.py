"""TR2009: COPY of something that .dockerignore keeps out."""

from collections.abc import Iterable

from tare.context.ignore import clean
from tare.dockerfile.expand import ExpansionError, expand_known
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.surroundings import ignore_rules
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Sources in the context that match an ignore pattern. With exceptions (`!`) a part may be sent: then not."""
    rules = ignore_rules(document)
    if rules is None or not rules.patterns or rules.has_exceptions:
        return
    for step in document.of("COPY", "ADD"):
        copy = step.inner.as_copy() if len(step.inner.arguments) > 1 else None
        if copy is None or copy.from_ is not None or step.onbuild:
            continue
        for source, span in zip(copy.sources, copy.source_spans, strict=True):
            if "://" in source or source.startswith("git@"):
                continue
            try:
                path = expand_known(source, {}, document.escape)
            except ExpansionError:
                continue
            path = clean("/" + path).removeprefix("/") or "."
            if "$" not in path and rules.excluded(path):
                yield Problem(f"{source} is kept out of the build context by .dockerignore", span, step.outer)


RULE = Rule(
    code="TR2009",
    name="copy-ignored-file",
    title="Do not copy what .dockerignore excludes.",
    why="The builder never receives the file, so the step fails with `not found`, or silently copies a directory without it.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("CopyIgnoredFile", "tally/CopyIgnoredFile"),
    examples=(
        Example(
            "FROM debian:12\nCOPY data/model.bin /srv/\n",
            files=((".dockerignore", "data\n"), ("data/model.bin", "x")),
        ),
    ),
    clean=("FROM debian:12\nCOPY data /srv/\n",),
)
