"""TR5011: gem's own cache left after gem update --system."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.edits import append_command
from tare.rules.shipped import is_root, removed_words
from tare.rules.typed import named
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`gem update --system` without a removal of /root/.gem."""
    for entry in named(document, "gem"):
        words = [word.text for word in entry.command.arguments]
        if "update" not in words or "--system" not in words:
            continue
        if any(".gem" in word or ".local" in word for word in removed_words(document, entry.step)):
            continue
        edit = append_command(document, entry.step, entry.script, "rm -rf /root/.gem")
        fix = safe_fix("Remove /root/.gem", edit) if edit and is_root(document, entry.step) else None
        yield Problem(
            "gem update --system leaves its cache in /root/.gem", entry.command.span, entry.step.outer, fix
        )


RULE = Rule(
    code="TR5011",
    name="gem-cache-kept",
    title="Remove gem's cache after updating RubyGems.",
    why=(
        "`gem update --system` keeps the specifications and packages that it fetched in /root/.gem, which "
        "nothing reads again."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=(
        "gemUpdateSystemRmRootGem",
        "tally/ruby",
    ),
    safety="gem fetches again what is not in its cache.",
    examples=(
        Example(
            "FROM debian:12\nRUN gem update --system --no-document\n",
            "FROM debian:12\nRUN gem update --system --no-document && rm -rf /root/.gem\n",
        ),
    ),
    clean=("FROM debian:12\nRUN gem update --system && rm -rf /root/.gem\n",),
)
