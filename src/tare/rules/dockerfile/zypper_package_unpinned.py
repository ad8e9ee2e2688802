"""TR3037: pin the versions of zypper packages."""

from collections.abc import Iterable

from tare.dockerfile.shell import Word
from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import plain, steps_calling
from tare.rules.document import Document
from tare.rules.packages import operands
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """zypper install PACKAGE without a version."""
    for step, found in steps_calling(document, "zypper"):
        for call in found:
            if not call.has_word("install", "in"):
                continue
            loose = [word for word in operands(call, "install", "in") if not _pinned(word)]
            if loose:
                yield Problem(f"pin the version: `{loose[0].text}=<version>`", loose[0].span, step.outer)
                break


def _pinned(word: Word) -> bool:
    text = plain(word)
    return any(symbol in text for symbol in "=<>") or text.endswith(".rpm")


RULE = Rule(
    code="TR3037",
    name="zypper-package-unpinned",
    title="Pin the versions of zypper packages.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3037",
        "zypper_install_without_version",
    ),
    reads_broken=True,
    examples=(Example("FROM opensuse/leap:15\nRUN zypper -n in httpd\n"),),
    clean=('FROM opensuse/leap:15\nRUN zypper -n in "httpd>=2"\n',),
)
