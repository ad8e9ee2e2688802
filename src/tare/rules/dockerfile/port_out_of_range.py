"""TR3011: use ports from 0 to 65535."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """EXPOSE of a port above 65535."""
    for step in document.of("EXPOSE"):
        for word in step.inner.arguments:
            numbers = word.text.partition("/")[0].split("-")
            if not step.onbuild and any(number.isdecimal() and int(number[:9]) > 65535 for number in numbers):
                yield Problem("ports range from 0 to 65535", word.span, step.outer)
                break


RULE = Rule(
    code="TR3011",
    name="port-out-of-range",
    title="Use ports from 0 to 65535.",
    why="There are 65,536 ports. Builders reject the file.",
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=(
        "DL3011",
        "DS-0008",
        "unix_ports_out_of_range",
        "invalid-port",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nEXPOSE 80000\n"),),
    clean=("FROM debian:12\nEXPOSE 8000-8010/tcp $PORT\n",),
)
