"""TR2010: the protocol of EXPOSE in capitals."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`EXPOSE 80/TCP`."""
    for step in document.of("EXPOSE"):
        for argument in step.inner.arguments:
            _, slash, protocol = argument.text.strip("'\"").partition("/")
            if not slash or "$" in argument.text or protocol == protocol.lower():
                continue
            plain = argument.span.end - argument.span.start == len(argument.text)
            edit = Edit(argument.span, argument.text.lower())
            yield Problem(
                f"the protocol in '{argument.text}' is not in lower case",
                argument.span,
                step.outer,
                safe_fix("Write it in lower case", edit) if plain else None,
            )


RULE = Rule(
    code="TR2010",
    name="expose-proto-casing",
    title="Write the protocol of EXPOSE in lower case.",
    why="The image's configuration holds `80/tcp`; tools that compare the text of the Dockerfile with it look for that.",
    severity=Severity.STYLE,
    category="style",
    check=check,
    reads_broken=True,
    equivalents=("ExposeProtoCasing", "tally/ExposeProtoCasing"),
    safety="The builder lowers the protocol itself: the image is the same.",
    examples=(Example("FROM debian:12\nEXPOSE 80/TCP 53/udp\n", "FROM debian:12\nEXPOSE 80/tcp 53/udp\n"),),
    clean=("FROM debian:12\nEXPOSE 80 53/udp\n",),
)
