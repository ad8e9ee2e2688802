"""TR7022: Docker's socket in the image."""

from collections.abc import Iterable

from tare.core.text import Span
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Any instruction of a stage that names docker.sock, except one that only describes."""
    for step in document.steps:
        if step.keyword in ("LABEL", "FROM", "ARG"):
            continue
        at = document.text.find("docker.sock", step.outer.span.start, step.outer.span.end)
        if at >= 0 and "docker.sock" in step.inner.original:
            message = "who reaches Docker's socket is root on the host"
            yield Problem(message, Span(at, at + len("docker.sock")), step.outer)


RULE = Rule(
    code="TR7022",
    name="docker-socket",
    title="Keep Docker's socket out of images.",
    why=(
        "Docker's socket gives its user root on the host: one `docker run -v /:/host` is enough. Builders "
        "without a daemon (BuildKit rootless, Buildah, Kaniko) do what the socket is usually wanted for."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("dockerd-socket-mount",),
    examples=(Example("FROM docker:27\nVOLUME /var/run/docker.sock\n"),),
    clean=("FROM docker:27\nVOLUME /data\n",),
)
