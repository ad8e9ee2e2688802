"""TR7010: pip's trusted hosts in a variable."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_settings
from tare.schema.lint import Severity

_NAMES = frozenset({"PIP_TRUSTED_HOST"})


def check(document: Document) -> Iterable[Problem]:
    """Pip's trusted hosts in a variable."""
    return unwanted_settings(document, _NAMES, bool, "{} makes pip accept any certificate of that host")


RULE = Rule(
    code="TR7010",
    name="pip-trusted-host-variable",
    title="Set no PIP_TRUSTED_HOST.",
    why=(
        "It holds for every pip in the image, also for those that users run later, and packages come from "
        "whoever answers. A private index needs its certificate: `PIP_CERT`."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_16",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM python:3.12\nENV PIP_TRUSTED_HOST=pypi.org PIP_NO_INPUT=1\n",
            "FROM python:3.12\nENV PIP_NO_INPUT=1\n",
        ),
    ),
    clean=("FROM python:3.12\nENV PIP_NO_INPUT=1\n",),
)
