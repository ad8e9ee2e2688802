"""TR7002: apt-get --force-yes."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import AptCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import commands_of
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`--force-yes`, which also accepts unsigned packages, downgrades and the removal of essential ones."""
    for entry, typed in commands_of(document, AptCommand):
        option = typed.option("--force-yes")
        if option is None:
            continue
        word = option.words[0]
        edit = typed.without(option) if typed.has("--assume-yes") else Edit(word.span, "-y")
        plain = word.contiguous and not option.shared and not entry.command.exec_form
        fix = unsafe_fix("Write -y instead", edit) if edit and plain else None
        message = "--force-yes accepts unsigned packages and removes essential ones: -y answers questions"
        yield Problem(message, word.span, entry.step.outer, fix)


RULE = Rule(
    code="TR7002",
    name="apt-force-yes",
    title="Use -y, never --force-yes.",
    why=(
        "`--force-yes` answers every question and switches off the checks behind them: unsigned packages, "
        "downgrades, removal of essential packages. apt calls it dangerous itself, and new versions have "
        "dropped it."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_11",),
    safety="Where a package was unsigned or a downgrade, the step now fails.",
    examples=(
        Example(
            "FROM debian:12\nRUN apt-get install --force-yes curl\n",
            "FROM debian:12\nRUN apt-get install -y curl\n",
        ),
    ),
    clean=("FROM debian:12\nRUN apt-get install -y curl\n",),
)
