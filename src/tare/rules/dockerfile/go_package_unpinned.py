"""TR3062: pin the versions of Go programs."""

from collections.abc import Iterable

from tare.dockerfile.shell import Word
from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import plain, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity

_ACTIONS = ("install", "get", "run")


def check(document: Document) -> Iterable[Problem]:
    """go install, get or run of a package without a version, or with @latest."""
    for step, found in steps_calling(document, "go"):
        for call in found:
            words = call.operands
            if not call.has_word(*_ACTIONS):
                continue
            named = [word for word in words if word.text not in (*_ACTIONS, "tool")]
            if words[0].text == "run":
                del named[1:]
            loose = [word for word in named if not _pinned(word)]
            if loose:
                yield Problem(
                    f"pin the version: `{loose[0].text.partition('@')[0]}@<version>`",
                    loose[0].span,
                    step.outer,
                )
                break


def _pinned(word: Word) -> bool:
    text = plain(word)
    return text.startswith((".", "/")) or ("@" in text and not text.endswith("@latest"))


RULE = Rule(
    code="TR3062",
    name="go-package-unpinned",
    title="Pin the versions of Go programs.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=("DL3062",),
    reads_broken=True,
    examples=(Example("FROM golang:1.22\nRUN go install github.com/a/b@latest\n"),),
    clean=(
        "FROM golang:1.22\nRUN go install github.com/a/b@v1.2.3\n",
        "FROM golang:1.22\nRUN go install ./...\n",
    ),
)
