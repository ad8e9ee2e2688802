"""TR3045: set WORKDIR before copying to a relative path."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.lineage import inherited
from tare.schema.lint import Severity

_ABSOLUTE = re.compile(r"/|\$|[A-Za-z]:[\\/]")


def check(document: Document) -> Iterable[Problem]:
    """COPY to a relative path in a stage without WORKDIR."""
    parents = inherited(document)
    known: set[int] = set()
    for step in document.steps:
        if step.keyword == "FROM" and parents.get(step.stage, -2) in known:
            known.add(step.stage)
        if step.keyword == "WORKDIR" and not step.onbuild:
            known.add(step.stage)
        if step.keyword != "COPY" or step.onbuild or step.stage in known or not step.inner.arguments:
            continue
        dest = step.inner.arguments[-1]
        if not _ABSOLUTE.match(dest.text.strip("\"'")):
            yield Problem("COPY to a relative destination without a WORKDIR", dest.span, step.outer)


RULE = Rule(
    code="TR3045",
    name="copy-to-unknown-directory",
    title="Set WORKDIR before copying to a relative path.",
    why="A relative destination lands in whatever directory the base image happens to end in.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("DL3045",),
    reads_broken=True,
    examples=(Example("FROM debian:12\nCOPY app app\n"),),
    clean=(
        "FROM debian:12\nWORKDIR /srv\nCOPY app app\n",
        "FROM debian:12\nCOPY app /srv/app\n",
    ),
)
