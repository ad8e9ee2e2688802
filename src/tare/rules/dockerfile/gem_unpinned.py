"""TR3028: pin the versions of gems."""

from collections.abc import Iterable

from tare.dockerfile.shell import Word
from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import Call, is_flag, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """gem install GEM without a version."""
    for step, found in steps_calling(document, "gem"):
        for call in found:
            if not call.has_word("install", "i") or any(_version(word.text) for word in call.words):
                continue
            loose = [word for word in _gems(call) if ":" not in word.text]
            if loose:
                yield Problem(f"pin the version: `{loose[0].text}:<version>`", loose[0].span, step.outer)
                break


def _version(text: str) -> bool:
    return text in ("-v", "--version") or text.startswith("--version=")


def _gems(call: Call) -> Iterable[Word]:
    """The words before `--`, without flags and the word after each, be it a flag."""
    skip = False
    for word in call.words:
        if word.text == "--":
            return
        if skip:
            skip = False
        elif is_flag(word.text):
            skip = "=" not in word.text
        elif word.text not in ("install", "i"):
            yield word


RULE = Rule(
    code="TR3028",
    name="gem-unpinned",
    title="Pin the versions of gems.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3028",
        "gem_install_without_version",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nRUN gem install bundler\n"),),
    clean=("FROM debian:12\nRUN gem install bundler:2.5\n",),
)
