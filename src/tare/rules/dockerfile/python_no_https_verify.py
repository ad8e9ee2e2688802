"""TR7011: Python's certificate checks switched off."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_settings
from tare.schema.lint import Severity

_NAMES = frozenset({"PYTHONHTTPSVERIFY"})


def check(document: Document) -> Iterable[Problem]:
    """Python's certificate checks switched off."""
    return unwanted_settings(document, _NAMES, "0".__eq__, "{}=0 switches certificate checks off")


RULE = Rule(
    code="TR7011",
    name="python-no-https-verify",
    title="Let Python check certificates.",
    why=(
        "Every HTTPS connection of the standard library then accepts any certificate, also those of the "
        "running service."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_5",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example("FROM python:3.12\nENV PYTHONHTTPSVERIFY=0\nUSER app\n", "FROM python:3.12\nUSER app\n"),
    ),
    clean=("FROM python:3.12\nENV PYTHONHTTPSVERIFY=1\n",),
)
