"""TR7003: apk packages installed without their signature."""

from collections.abc import Iterable

from tare.dockerfile.commands import ApkCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_options
from tare.schema.lint import Severity

_NAMES = frozenset({"--allow-untrusted"})


def check(document: Document) -> Iterable[Problem]:
    """Apk packages installed without their signature."""
    return unwanted_options(document, ApkCommand, _NAMES, "{} installs packages that nobody has signed")


RULE = Rule(
    code="TR7003",
    name="apk-untrusted",
    title="Let apk check signatures.",
    why=(
        "An unsigned package may come from anybody between here and the mirror, and its scripts run as root. "
        "The key of one's own repository belongs into /etc/apk/keys."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_7",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM alpine:3.20\nRUN apk add --no-cache --allow-untrusted ./a.apk\n",
            "FROM alpine:3.20\nRUN apk add --no-cache ./a.apk\n",
        ),
    ),
    clean=("FROM alpine:3.20\nRUN apk add --no-cache curl\n",),
)
