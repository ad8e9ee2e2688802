"""TR7006: dnf or yum that accepts any certificate."""

from collections.abc import Iterable

from tare.dockerfile.commands import DnfCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import commands_of
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`--setopt=sslverify=0`."""
    for entry, typed in commands_of(document, DnfCommand):
        for option in typed.options:
            value = (option.value.text if option.value else "").replace(" ", "").lower()
            if option.name != "--setopt" or not value.endswith(
                ("sslverify=0", "sslverify=false", "sslverify=no")
            ):
                continue
            edit = None if entry.command.exec_form else typed.without(option)
            fix = unsafe_fix("Remove it", edit) if edit else None
            yield Problem(
                "sslverify is off: any server passes for the mirror",
                option.words[0].span,
                entry.step.outer,
                fix,
            )


RULE = Rule(
    code="TR7006",
    name="dnf-no-ssl-verify",
    title="Let dnf check certificates.",
    why=(
        "Whoever answers in the place of the mirror can then serve its own repository. A company's proxy needs "
        "its certificate in the image, not this switch."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_15",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM fedora:40\nRUN dnf install -y --setopt=sslverify=0 curl\n",
            "FROM fedora:40\nRUN dnf install -y curl\n",
        ),
    ),
    clean=("FROM fedora:40\nRUN dnf install -y curl\n",),
)
