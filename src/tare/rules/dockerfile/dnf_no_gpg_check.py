"""TR7004: dnf or yum packages installed without their signature."""

from collections.abc import Iterable

from tare.dockerfile.commands import DnfCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_options
from tare.schema.lint import Severity

_NAMES = frozenset({"--nogpgcheck", "--no-gpgchecks"})


def check(document: Document) -> Iterable[Problem]:
    """Dnf or yum packages installed without their signature."""
    return unwanted_options(document, DnfCommand, _NAMES, "{} installs packages that nobody has signed")


RULE = Rule(
    code="TR7004",
    name="dnf-no-gpg-check",
    title="Let dnf check signatures.",
    why=(
        "An unsigned package may come from anybody between here and the mirror, and its scripts run as root. "
        "`rpm --import` adds the key that is missing."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_9",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM fedora:40\nRUN dnf install -y --nogpgcheck curl\n",
            "FROM fedora:40\nRUN dnf install -y curl\n",
        ),
    ),
    clean=("FROM fedora:40\nRUN dnf install -y curl\n",),
)
