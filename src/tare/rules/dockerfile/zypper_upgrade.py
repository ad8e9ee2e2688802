"""TR5007: zypper updates everything in the base image."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import named
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`zypper update` and `zypper patch` without packages."""
    for entry in named(document, "zypper"):
        words = [word.text for word in entry.command.arguments if not word.text.startswith("-")]
        if words[:1] not in (["update"], ["up"], ["patch"]) or len(words) > 1:
            continue
        span = entry.script.removal_span(entry.command)
        fix = unsafe_fix("Remove the update", Edit(span, "")) if span else None
        message = "update replaces packages of the base: every file of theirs is in the image twice"
        yield Problem(message, entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR5007",
    name="zypper-upgrade",
    title="Take a newer base image instead of updating one.",
    why=(
        "The old files stay in the base's layers and the new ones come on top, and two builds of the same "
        "Dockerfile differ. Pull the base again, or pin and bump its digest."
    ),
    severity=Severity.INFO,
    category="repro",
    check=check,
    equivalents=(
        "run_using_zypper_update",
        "avoid-zypper-update",
    ),
    safety="Without the update the packages of the base stay, which may lack fixes until the base is pulled again.",
    examples=(
        Example(
            (
                "FROM opensuse/leap:15.6\nRUN zypper -n update && zypper -n install -y curl=8 && zypper "
                "clean\n"
            ),
            "FROM opensuse/leap:15.6\nRUN zypper -n install -y curl=8 && zypper clean\n",
        ),
    ),
    clean=("FROM opensuse/leap:15.6\nRUN zypper -n install -y curl\n",),
)
