"""TR5005: apk upgrades everything in the base image."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import ApkCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.edits import remove_instruction
from tare.rules.typed import commands_of, same_run
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Upgrades of all installed packages."""
    for entry, typed in commands_of(document, ApkCommand, "upgrade"):
        if typed.packages:
            continue
        own = same_run(document, entry.step)
        only = all(
            (isinstance(o.typed, ApkCommand) and o.typed.action not in ("install", "add"))
            or o.command.name == "rm"
            for o in own
        )
        span = entry.script.removal_span(entry.command)
        edit = remove_instruction(document, entry.step.outer) if only else Edit(span, "") if span else None
        fix = unsafe_fix("Remove the upgrade", edit) if edit and not entry.step.onbuild else None
        message = f"{typed.action} replaces packages of the base: every file of theirs is in the image twice"
        yield Problem(message, entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR5005",
    name="apk-upgrade",
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
        "use_of_apk_upgrade",
        "avoid-apk-upgrade",
    ),
    safety=(
        "Without the upgrade the packages of the base stay, which may lack fixes until the base is pulled "
        "again."
    ),
    examples=(
        Example(
            "FROM alpine:3.20\nRUN apk upgrade --no-cache && apk add --no-cache curl=8\n",
            "FROM alpine:3.20\nRUN apk add --no-cache curl=8\n",
        ),
    ),
    clean=("FROM alpine:3.20\nRUN apk add --no-cache curl\n",),
)
