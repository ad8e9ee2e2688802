"""TR3018: pin the versions of apk packages."""

from collections.abc import Iterable

from tare.dockerfile.shell import Word
from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import plain, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """apk add PACKAGE without a version."""
    for step, found in steps_calling(document, "apk"):
        for call in found:
            if not call.has_word("add"):
                continue
            words = call.without_values("t", "virtual", "repository", "X")
            loose = [word for word in words if word.text != "add" and not _pinned(word)]
            if loose:
                yield Problem(f"pin the version: `{loose[0].text}=<version>`", loose[0].span, step.outer)
                break


def _pinned(word: Word) -> bool:
    text = plain(word)
    return any(symbol in text for symbol in "=~<>") or text.endswith(".apk")


RULE = Rule(
    code="TR3018",
    name="apk-package-unpinned",
    title="Pin the versions of apk packages.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3018",
        "unpinned_package_version_in_apk_add",
    ),
    reads_broken=True,
    examples=(Example("FROM alpine:3\nRUN apk add --no-cache curl\n"),),
    clean=("FROM alpine:3\nRUN apk add --no-cache curl=8\n",),
)
