"""TR3034: let zypper go on without asking."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import Call, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity

_ACTIONS = ("install", "in", "remove", "rm", "source-install", "si", "patch")


def check(document: Document) -> Iterable[Problem]:
    """zypper install, remove and so on without -n or -y."""
    for step, found in steps_calling(document, "zypper"):
        asking = [call for call in found if call.has_word(*_ACTIONS) and not _silent(call)]
        if asking:
            edits = (call.insertion(None, "--non-interactive") for call in asking)
            fix = safe_fix("Add --non-interactive", *edits)
            yield Problem("zypper asks without `--non-interactive`", asking[0].command.span, step.outer, fix)


def _silent(call: Call) -> bool:
    return call.has_flag("n", "non-interactive", "y", "no-confirm")


RULE = Rule(
    code="TR3034",
    name="zypper-asks",
    title="Let zypper go on without asking.",
    why="A build has no terminal to answer at: the command aborts as soon as it would ask.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL3034",
        "missing_zypper_non_interactive_switch",
    ),
    safety="A build without a terminal either needs no answer, then the switch changes nothing, or fails.",
    reads_broken=True,
    examples=(
        Example(
            "FROM opensuse/leap:15\nRUN zypper remove vim\n",
            "FROM opensuse/leap:15\nRUN zypper --non-interactive remove vim\n",
        ),
    ),
    clean=("FROM opensuse/leap:15\nRUN zypper -n remove vim\n",),
)
