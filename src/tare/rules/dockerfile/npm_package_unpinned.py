"""TR3016: pin the versions of npm packages."""

from collections.abc import Iterable

from tare.dockerfile.shell import Word
from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import plain, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity

_FILES = (".tgz", ".tar", ".tar.gz")


def check(document: Document) -> Iterable[Problem]:
    """npm install PACKAGE without `@version`."""
    for step, found in steps_calling(document, "npm"):
        for call in found:
            words = call.without_values("loglevel", "registry")
            if not words or words[0].text != "install":
                continue
            loose = [word for word in words if word.text != "install" and not _pinned(word)]
            if loose:
                yield Problem(f"pin the version: `{loose[0].text}@<version>`", loose[0].span, step.outer)
                break


def _pinned(word: Word) -> bool:
    text = plain(word)
    if text.startswith(("git+", "git://")):
        return "#" in text
    return text.startswith(("/", "./", "../", "~/")) or text.endswith(_FILES) or "@" in text[1:]


RULE = Rule(
    code="TR3016",
    name="npm-package-unpinned",
    title="Pin the versions of npm packages.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3016",
        "npm_install_without_pinned_version",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nRUN npm install -g express\n"),),
    clean=(
        "FROM debian:12\nRUN npm install -g express@4\n",
        "FROM debian:12\nRUN npm install\n",
    ),
)
