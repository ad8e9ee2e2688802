"""TR3065: leave out --platform=$TARGETPLATFORM."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity

_TARGET = ("$TARGETPLATFORM", "${TARGETPLATFORM}")
_EQUIVALENTS = ("DL3065", "RedundantTargetPlatform", "tally/RedundantTargetPlatform")
_ONLY_BUILDKIT = _EQUIVALENTS[1:]


def check(document: Document) -> Iterable[Problem]:
    """FROM --platform=$TARGETPLATFORM."""
    for step in document.of("FROM"):
        for flag in step.inner.flags:
            if flag.name == "platform" and flag.value in _TARGET:
                end = (
                    flag.span.end + 1
                    if document.text[flag.span.end : flag.span.end + 1] == " "
                    else flag.span.end
                )
                fix = safe_fix("Remove --platform", Edit(Span(flag.span.start, end), ""))
                yield Problem(
                    "`--platform=$TARGETPLATFORM` is the default",
                    flag.span,
                    step.outer,
                    fix,
                    equivalents=_ONLY_BUILDKIT if '"' in flag.span.of(document.text) else _EQUIVALENTS,
                )


RULE = Rule(
    code="TR3065",
    name="redundant-target-platform",
    title="Leave out --platform=$TARGETPLATFORM.",
    why="It is what the builder takes anyway.",
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=(
        "DL3065",
        "RedundantTargetPlatform",
    ),
    safety="The target platform is what FROM takes without the flag.",
    reads_broken=True,
    examples=(Example("FROM --platform=$TARGETPLATFORM debian:12\n", "FROM debian:12\n"),),
    clean=("FROM --platform=$BUILDPLATFORM debian:12\n",),
)
