"""TR5014: ADD of an address without a checksum."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`ADD https://...` without --checksum."""
    for step in document.of("ADD"):
        if len(step.inner.arguments) < 2 or step.inner.flag("checksum"):
            continue
        copy = step.inner.as_copy()
        for source, span in zip(copy.sources, copy.source_spans, strict=True):
            if source.strip("'\"").startswith(("http://", "https://")) and not source.rstrip("'\"").endswith(
                ".git"
            ):
                message = "whatever the server sends becomes part of the image: give its --checksum"
                yield Problem(message, span, step.outer)


RULE = Rule(
    code="TR5014",
    name="add-url-unverified",
    title="Give ADD the checksum of what it downloads.",
    why=(
        "Without `--checksum=sha256:...` a moved or exchanged file is accepted silently, and the builder asks "
        "the server on every build. The file is a layer of its own: an archive that a later RUN unpacks and "
        "removes is in the image twice."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=("curl_or_wget_instead_of_add",),
    examples=(Example("FROM debian:12\nADD https://example.org/tool.tar.gz /tmp/\n"),),
    clean=(
        (
            "FROM debian:12\nADD "
            "--checksum=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
            "https://example.org/tool.tar.gz /tmp/\n"
        ),
        "FROM debian:12\nADD app.tar.gz /app\n",
    ),
)
