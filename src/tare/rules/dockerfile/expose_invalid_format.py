"""TR2011: EXPOSE with a host port or an address."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`EXPOSE 8080:80` and `EXPOSE 127.0.0.1:80:80`."""
    for step in document.of("EXPOSE"):
        for argument in step.inner.arguments:
            if "$" in argument.text:
                continue
            before, colon, container = argument.text.strip("'\"").rpartition(":")
            if not colon or not before.strip(":"):
                continue
            plain = argument.span.end - argument.span.start == len(argument.text)
            fix = (
                safe_fix("Keep the container's port", Edit(argument.span, container))
                if plain and container
                else None
            )
            message = f"'{argument.text}' maps a host port: EXPOSE takes the container's port only"
            yield Problem(message, argument.span, step.outer, fix)


RULE = Rule(
    code="TR2011",
    name="expose-invalid-format",
    title="Name only the container's port in EXPOSE.",
    why="An image cannot publish a port on a host: address and host port are dropped today and announced to become an error. "
    "Publishing is up to `docker run -p`.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    reads_broken=True,
    equivalents=("ExposeInvalidFormat", "tally/ExposeInvalidFormat"),
    safety="The builder records the container's port alone, before and after.",
    examples=(
        Example(
            "FROM debian:12\nEXPOSE 127.0.0.1:8080:80 5000:5000/udp\n", "FROM debian:12\nEXPOSE 80 5000/udp\n"
        ),
    ),
    clean=("FROM debian:12\nEXPOSE 80 8000-8010/tcp\n",),
)
