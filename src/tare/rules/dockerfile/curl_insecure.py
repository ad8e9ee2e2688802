"""TR7007: curl that accepts any certificate."""

from collections.abc import Iterable

from tare.dockerfile.commands import FetchCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_options
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """curl with `--insecure`."""
    message = "{} accepts any certificate: what is downloaded may come from anybody"
    return unwanted_options(document, FetchCommand, frozenset({"--insecure"}), message)


RULE = Rule(
    code="TR7007",
    name="curl-insecure",
    title="Let curl check certificates.",
    why=(
        "The file that arrives may be anybody's, and in most Dockerfiles it is run or unpacked as root right "
        "after. A private authority's certificate can be given instead (`--cacert`, `--ca-certificate`)."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_2",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM debian:12\nRUN curl -kfsSL https://example.org/a -o a\n",
            "FROM debian:12\nRUN curl -fsSL https://example.org/a -o a\n",
        ),
    ),
    clean=("FROM debian:12\nRUN curl -fsSL https://example.org/a -o a\n",),
)
