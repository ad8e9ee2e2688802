"""TR3029: do not fix the platform in FROM."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document, Step
from tare.schema.lint import Severity

_BUILDKIT = "FromPlatformFlagConstDisallowed"
_EQUIVALENTS = ("DL3029", _BUILDKIT, "using_platform_with_from", "avoid-platform-with-from")
_GIVEN = ("BUILDPLATFORM", "TARGETPLATFORM")


def check(document: Document) -> Iterable[Problem]:
    """FROM --platform with anything else than the builder's variables."""
    for step in document.of("FROM"):
        for flag in step.inner.flags:
            if flag.name == "platform" and flag.value and not any(name in flag.value for name in _GIVEN):
                end = (
                    flag.span.end + 1
                    if document.text[flag.span.end : flag.span.end + 1] == " "
                    else flag.span.end
                )
                fix = unsafe_fix("Remove --platform", Edit(Span(flag.span.start, end), ""))
                yield Problem(
                    "do not fix the platform in FROM",
                    flag.span,
                    step.outer,
                    fix,
                    equivalents=_elsewhere(step, flag.value),
                )


def _elsewhere(step: Step, platform: str) -> tuple[str, ...]:
    """BuildKit leaves variables alone, and stages that are named after the platform."""
    name = step.inner.args[2].lower() if len(step.inner.args) == 3 else ""
    meant = any(part and part in name for part in platform.lower().split("/")[:2])
    return tuple(code for code in _EQUIVALENTS if not (code == _BUILDKIT and (meant or "$" in platform)))


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
    equivalents=_EQUIVALENTS,
    safety="Unsafe: the base image may become that of another architecture.",
    reads_broken=True,
    examples=(Example("FROM --platform=linux/amd64 debian:12\n", "FROM debian:12\n"),),
    clean=("FROM --platform=$BUILDPLATFORM debian:12\n",),
)
