"""TR3014: let apt-get install go on without asking."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import Call, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """apt-get install that would ask before it goes on."""
    for step, found in steps_calling(document, "apt-get"):
        asking = [call for call in found if call.has_word("install") and not _assumes_yes(call)]
        if asking:
            edits = (call.insertion(call.word("install"), "-y") for call in asking)
            fix = safe_fix("Add -y", *edits)
            yield Problem("apt-get install asks without `-y`", asking[0].command.span, step.outer, fix)


def _assumes_yes(call: Call) -> bool:
    quiet = max(call.flags.count("q"), call.flags.count("quiet")) >= 2 or call.has_word("-q=2")
    return quiet or call.has_flag("y", "yes", "assume-yes")


RULE = Rule(
    code="TR3014",
    name="apt-install-asks",
    title="Let apt-get install go on without asking.",
    why="A build has no terminal to answer at: the command aborts as soon as it would ask.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL3014",
        "DS-0021",
        "apt_get_missing_yes_flag",
        "missing-assume-yes-switch",
        "aptGetInstallUseY",
    ),
    safety="A build without a terminal either needs no answer, then -y changes nothing, or fails.",
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN apt-get install --no-install-recommends curl=8\n",
            "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl=8\n",
        ),
    ),
    clean=(
        "FROM debian:12\nRUN apt-get install -y curl\n",
        "FROM debian:12\nRUN apt-get install -qq curl\n",
    ),
)
