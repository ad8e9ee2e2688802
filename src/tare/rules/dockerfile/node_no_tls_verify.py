"""TR7012: Node's certificate checks switched off."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_settings
from tare.schema.lint import Severity

_NAMES = frozenset({"NODE_TLS_REJECT_UNAUTHORIZED"})


def check(document: Document) -> Iterable[Problem]:
    """Node's certificate checks switched off."""
    return unwanted_settings(document, _NAMES, "0".__eq__, "{}=0 switches certificate checks off")


RULE = Rule(
    code="TR7012",
    name="node-no-tls-verify",
    title="Let Node check certificates.",
    why=(
        "Every TLS connection of every Node program in the image then accepts any certificate. "
        "`NODE_EXTRA_CA_CERTS` adds a private authority."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_6",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example("FROM node:22\nENV NODE_TLS_REJECT_UNAUTHORIZED=0\nUSER node\n", "FROM node:22\nUSER node\n"),
    ),
    clean=("FROM node:22\nENV NODE_EXTRA_CA_CERTS=/etc/ca.pem\n",),
)
