"""TR3015: leave recommended packages out."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.calls import Call, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """apt-get install without --no-install-recommends."""
    for step, found in steps_calling(document, "apt-get"):
        greedy = [call for call in found if call.has_word("install") and not _spares(call)]
        if greedy:
            fix = unsafe_fix("Add --no-install-recommends", *(_edit(call) for call in greedy))
            yield Problem("recommended packages come too", greedy[0].command.span, step.outer, fix)


def _spares(call: Call) -> bool:
    return call.has_flag("no-install-recommends") or call.has_word("APT::Install-Recommends=false")


def _edit(call: Call) -> Edit:
    """Behind a -y that follows the word install, so that the order in which fixes come does not matter."""
    texts = [word.text for word in call.words]
    at = texts.index("install")
    if texts[at + 1 : at + 2] == ["-y"]:
        at += 1
    return call.insertion(call.words[at], "--no-install-recommends")


RULE = Rule(
    code="TR3015",
    name="apt-recommends",
    title="Leave recommended packages out.",
    why=(
        "Debian packages recommend others that most containers never use: for build-essential, git or "
        "ffmpeg that is 50 to 500 MB."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=(
        "DL3015",
        "DS-0029",
        "apt_get_not_avoiding_additional_packages",
        "missing-no-install-recommends",
        "aptGetInstallUseNoRec",
    ),
    safety=(
        "Unsafe: a program may need a package that came only because another recommends it (ca-certificates"
        " beside curl is the usual case)."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN apt-get install -y curl=8\n",
            "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl=8\n",
        ),
    ),
    clean=("FROM debian:12\nRUN apt-get install -y --no-install-recommends curl\n",),
)
