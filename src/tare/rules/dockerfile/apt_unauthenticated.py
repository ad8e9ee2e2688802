"""TR7001: packages installed without their signature."""

from collections.abc import Iterable

from tare.dockerfile.commands import AptCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_options
from tare.schema.lint import Severity

_NAMES = frozenset({"--allow-unauthenticated", "--allow-insecure-repositories", "--allow-untrusted"})


def check(document: Document) -> Iterable[Problem]:
    """Packages installed without their signature."""
    return unwanted_options(document, AptCommand, _NAMES, "{} installs packages that nobody has signed")


RULE = Rule(
    code="TR7001",
    name="apt-unauthenticated",
    title="Let apt check signatures.",
    why=(
        "Signatures are all that stands between a mirror, or whoever sits on the way to it, and code that runs "
        "as root in the build. A missing key is fixed by adding the key."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_8",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM debian:12\nRUN apt-get install -y --allow-unauthenticated curl\n",
            "FROM debian:12\nRUN apt-get install -y curl\n",
        ),
    ),
    clean=("FROM debian:12\nRUN apt-get install -y curl\n",),
)
