"""TR5006: dnf upgrades everything in the base image."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import DnfCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.edits import remove_instruction
from tare.rules.typed import commands_of, same_run
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Upgrades of all installed packages."""
    for entry, typed in commands_of(document, DnfCommand, "update", "distro-sync"):
        if typed.packages:
            continue
        own = same_run(document, entry.step)
        only = all(
            (isinstance(o.typed, DnfCommand) and o.typed.action not in ("install", "add"))
            or o.command.name == "rm"
            for o in own
        )
        span = entry.script.removal_span(entry.command)
        edit = remove_instruction(document, entry.step.outer) if only else Edit(span, "") if span else None
        fix = unsafe_fix("Remove the upgrade", edit) if edit and not entry.step.onbuild else None
        message = f"{typed.action} replaces packages of the base: every file of theirs is in the image twice"
        yield Problem(message, entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR5006",
    name="dnf-upgrade",
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
        "run_using_dnf_update",
        "yum_update_disabled",
        "avoid-dnf-update",
        "avoid-yum-update",
    ),
    safety=(
        "Without the upgrade the packages of the base stay, which may lack fixes until the base is pulled "
        "again."
    ),
    examples=(
        Example(
            "FROM fedora:40\nRUN dnf update -y && dnf install -y curl-8 && dnf clean all\n",
            "FROM fedora:40\nRUN dnf install -y curl-8 && dnf clean all\n",
        ),
    ),
    clean=("FROM fedora:40\nRUN dnf update -y openssl && dnf clean all\n",),
)
