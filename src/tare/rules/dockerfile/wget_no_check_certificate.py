"""TR7008: wget that accepts any certificate."""

from collections.abc import Iterable

from tare.dockerfile.commands import FetchCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_options
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """wget with `--no-check-certificate`."""
    message = "{} accepts any certificate: what is downloaded may come from anybody"
    return unwanted_options(document, FetchCommand, frozenset({"--no-check-certificate"}), message)


RULE = Rule(
    code="TR7008",
    name="wget-no-check-certificate",
    title="Let wget check certificates.",
    why=(
        "The file that arrives may be anybody's, and in most Dockerfiles it is run or unpacked as root right "
        "after. A private authority's certificate can be given instead (`--cacert`, `--ca-certificate`)."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_3",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM debian:12\nRUN wget --no-check-certificate https://example.org/a\n",
            "FROM debian:12\nRUN wget https://example.org/a\n",
        ),
    ),
    clean=("FROM debian:12\nRUN wget https://example.org/a\n",),
)
