"""TR5027: a stage that the build never runs."""

import re
from collections.abc import Iterable

from tare.dockerfile.graph import needed_stages
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity

_TARGET = re.compile(
    r"(?:^|[-_.])(?:dev\w*|tests?|testing|lint\w*|debug|ci|local|prod\w*|release|docs?|check\w*|export|artifacts?|e2e|bench\w*|format|migrat\w*|worker|server|web|api|cpu|gpu|cuda|rocm|full|slim|minimal|jupyter|notebook|train\w*|serv\w*|final|runtime)(?:$|[-_.\d])"
)


def check(document: Document) -> Iterable[Problem]:
    """Stages that neither the last stage nor what it needs uses. Names that tell a purpose are taken for targets."""
    needed = needed_stages(document.dockerfile)
    for stage in document.stages:
        if stage.index in needed or (stage.name is not None and _TARGET.search(stage.name)):
            continue
        name = stage.name or f"number {stage.index}"
        yield Problem(
            f"nothing uses stage {name}: only --target runs it", stage.from_.keyword_span, stage.from_
        )


RULE = Rule(
    code="TR5027",
    name="unreachable-stage",
    title="Remove stages that nothing uses.",
    why=(
        "BuildKit skips such a stage, so that its mistakes are found by nobody; the old builder and Kaniko run "
        "it and throw the result away."
    ),
    severity=Severity.INFO,
    category="style",
    check=check,
    equivalents=("tally/no-unreachable-stages",),
    examples=(
        Example("FROM golang:1.22 AS tools\nRUN go install example.org/tool@v1\nFROM debian:12\nUSER app\n"),
    ),
    clean=(
        "FROM debian:12 AS test\nFROM debian:12\n",
        "FROM golang:1.22 AS build\nFROM debian:12\nCOPY --from=build /a /a\n",
    ),
)
