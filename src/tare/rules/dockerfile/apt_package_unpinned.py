"""TR3008: pin the versions of apt packages."""

from collections.abc import Iterable

from tare.dockerfile.shell import Word
from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import plain, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """apt-get install PACKAGE without `=version`, `/release` or a file name."""
    for step, found in steps_calling(document, "apt-get"):
        for call in found:
            if not call.has_word("install"):
                continue
            loose = [word for word in call.without_values("t", "target-release") if not _pinned(word)]
            if loose:
                message = f"pin the version: `{loose[0].text}=<version>`"
                yield Problem(message, loose[0].span, step.outer)
                break


def _pinned(word: Word) -> bool:
    text = plain(word)
    return "=" in text or "/" in text or text.endswith(".deb") or text in ("install", "--")


RULE = Rule(
    code="TR3008",
    name="apt-package-unpinned",
    title="Pin the versions of apt packages.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3008",
        "apt_get_install_pin_version_not_defined",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nRUN apt-get install -y --no-install-recommends curl\n"),),
    clean=(
        "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl=8.0\n",
        "FROM debian:12\nRUN apt-get install ./x.deb\n",
    ),
)
