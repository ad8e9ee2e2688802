"""TR7005: rpm packages installed unverified."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_words
from tare.schema.lint import Severity

_UNVERIFIED = frozenset({"--nodigest", "--nosignature", "--noverify", "--nofiledigest"})


def check(document: Document) -> Iterable[Problem]:
    """rpm with an option that switches verification off."""
    return unwanted_words(
        document, ("rpm",), _UNVERIFIED.__contains__, "{} installs packages without verifying them"
    )


RULE = Rule(
    code="TR7005",
    name="rpm-no-verify",
    title="Let rpm verify packages.",
    why=(
        "Digest and signature tell that the package is what its maker built. Without them a broken or "
        "exchanged file installs all the same, as root."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_10",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example("FROM fedora:40\nRUN rpm -i --nosignature ./a.rpm\n", "FROM fedora:40\nRUN rpm -i ./a.rpm\n"),
    ),
    clean=("FROM fedora:40\nRUN rpm -i ./a.rpm\n",),
)
