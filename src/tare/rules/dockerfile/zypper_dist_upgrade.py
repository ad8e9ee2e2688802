"""TR3035: do not upgrade the distribution in a build."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """zypper dup."""
    for step, found in steps_calling(document, "zypper"):
        for call in found:
            if call.has_word("dup", "dist-upgrade"):
                yield Problem("start from a newer base image instead", call.command.span, step.outer)
                break


RULE = Rule(
    code="TR3035",
    name="zypper-dist-upgrade",
    title="Do not upgrade the distribution in a build.",
    why=(
        "zypper dist-upgrade replaces the base image package by package: the result depends on the day, and"
        " the old files stay in the layers below."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=("DL3035",),
    reads_broken=True,
    examples=(Example("FROM opensuse/leap:15\nRUN zypper -n dup\n"),),
    clean=("FROM opensuse/leap:15\nRUN zypper -n refresh\n",),
)
