"""TR7009: pip that accepts any certificate of a host."""

from collections.abc import Iterable

from tare.dockerfile.commands import PipCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_options
from tare.schema.lint import Severity

_NAMES = frozenset({"--trusted-host"})


def check(document: Document) -> Iterable[Problem]:
    """Pip that accepts any certificate of a host."""
    return unwanted_options(document, PipCommand, _NAMES, "{} accepts any certificate, or none, of that host")


RULE = Rule(
    code="TR7009",
    name="pip-trusted-host",
    title="Let pip check certificates.",
    why=(
        "Packages from this host are installed whoever serves them, and a source distribution runs code while "
        "it is installed. A private index needs its certificate: `--cert` or `PIP_CERT`."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_4",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM python:3.12\nRUN pip install --trusted-host pypi.org flask\n",
            "FROM python:3.12\nRUN pip install flask\n",
        ),
    ),
    clean=("FROM python:3.12\nRUN pip install flask\n",),
)
