"""TR3007: do not use the tag latest."""

from collections.abc import Iterable

from tare.core.text import Span
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """FROM IMAGE:latest without a digest."""
    for step in document.of("FROM"):
        for word in step.inner.arguments[:1]:
            if word.text.endswith(":latest"):
                where = Span(word.span.end - len("latest"), word.span.end)
                yield Problem("Pin the image to a release: `latest` changes", where, step.outer)


RULE = Rule(
    code="TR3007",
    name="latest-tag",
    title="Do not use the tag latest.",
    why=(
        "`latest` is whatever was pushed last: a rebuild can bring another major version, and two machines "
        "can hold two images under one name."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3007",
        "DS-0001",
        "CKV_DOCKER_7",
        "image_version_using_latest",
        "avoid-latest-version",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:latest\n"),),
    clean=(
        "FROM debian:12\n",
        "FROM debian:latest@sha256:0000000000000000000000000000000000000000000000000000000000000000\n",
    ),
)
