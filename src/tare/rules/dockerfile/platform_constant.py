"""TR3029: do not fix the platform in FROM."""

import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity

_GIVEN = re.compile(r"\$\{?(BUILDPLATFORM|TARGETPLATFORM)\}?")


def check(document: Document) -> Iterable[Problem]:
    """FROM --platform with anything else than the builder's variables."""
    for step in document.of("FROM"):
        for flag in step.inner.flags:
            if flag.name == "platform" and flag.value and not _GIVEN.fullmatch(flag.value):
                end = (
                    flag.span.end + 1
                    if document.text[flag.span.end : flag.span.end + 1] == " "
                    else flag.span.end
                )
                fix = unsafe_fix("Remove --platform", Edit(Span(flag.span.start, end), ""))
                yield Problem("do not fix the platform in FROM", flag.span, step.outer, fix)


RULE = Rule(
    code="TR3029",
    name="platform-constant",
    title="Do not fix the platform in FROM.",
    why=(
        "A constant platform makes the file build for one architecture only, whatever `--platform` asks "
        "for; on another machine every step runs emulated, ten times slower."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL3029",
        "FromPlatformFlagConstDisallowed",
        "using_platform_with_from",
        "avoid-platform-with-from",
    ),
    safety="Unsafe: the base image may become that of another architecture.",
    reads_broken=True,
    examples=(Example("FROM --platform=linux/amd64 debian:12\n", "FROM debian:12\n"),),
    clean=("FROM --platform=$BUILDPLATFORM debian:12\n",),
)
