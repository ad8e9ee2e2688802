"""TR5004: apt-get upgrades everything in the base image."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import AptCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.edits import remove_instruction
from tare.rules.typed import commands_of, same_run
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Upgrades of all installed packages."""
    for entry, typed in commands_of(
        document, AptCommand, "upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"
    ):
        if not (True):
            continue
        own = same_run(document, entry.step)
        only = all(
            (isinstance(o.typed, AptCommand) and o.typed.action not in ("install", "add"))
            or o.command.name == "rm"
            for o in own
        )
        span = entry.script.removal_span(entry.command)
        edit = remove_instruction(document, entry.step.outer) if only else Edit(span, "") if span else None
        fix = unsafe_fix("Remove the upgrade", edit) if edit and not entry.step.onbuild else None
        message = f"{typed.action} replaces packages of the base: every file of theirs is in the image twice"
        yield Problem(message, entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR5004",
    name="apt-upgrade",
    title="Take a newer base image instead of upgrading one.",
    why=(
        "The old files stay in the base's layers and the new ones come on top: the image grows by all that is "
        "replaced, and two builds of the same Dockerfile differ. Official images are rebuilt when their "
        "packages have security fixes: pull the base again (`docker build --pull`), or pin and bump its digest."
    ),
    severity=Severity.INFO,
    category="repro",
    check=check,
    equivalents=(
        "DS-0024",
        "run_using_upgrade_commands",
        "avoid-apt-get-upgrade",
    ),
    safety=(
        "Without the upgrade the packages of the base stay, which may lack fixes until the base is pulled "
        "again."
    ),
    examples=(
        Example(
            (
                "FROM debian:12\nRUN apt-get update && apt-get upgrade -y && apt-get install -y curl=8 "
                "&& rm -rf /var/lib/apt/lists/*\n"
            ),
            (
                "FROM debian:12\nRUN apt-get update && apt-get install -y curl=8 && rm -rf "
                "/var/lib/apt/lists/*\n"
            ),
        ),
    ),
    clean=("FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",),
)
