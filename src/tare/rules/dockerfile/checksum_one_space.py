"""TR5025: a checksum line with one space."""

import re
from collections.abc import Iterable
from itertools import pairwise

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.typed import every_command
from tare.schema.lint import Severity

_SUM = re.compile(r"(?:md5|sha1|sha224|sha256|sha384|sha512|b2)sum")
_ONE_SPACE = re.compile(r"([0-9a-fA-F]{32,128}|\$\{?\w+\}?) [^ *]")


def check(document: Document) -> Iterable[Problem]:
    """`echo "HASH FILE" | sha256sum -c`."""
    for first, second in pairwise(every_command(document)):
        checks = _SUM.fullmatch(second.command.name) and second.command.separator == "|"
        if first.command.name not in ("echo", "printf") or not checks or first.step is not second.step:
            continue
        for word in first.command.arguments:
            match = _ONE_SPACE.match(word.text)
            at = document.text.find(match[1], word.span.start, word.span.end) if match else -1
            if match and at >= 0:
                place = at + len(match[1])
                fix = safe_fix("Write two spaces", Edit(Span(place, place), " "))
                message = f"{second.command.name} wants two spaces between checksum and name"
                yield Problem(message, word.span, first.step.outer, fix)


RULE = Rule(
    code="TR5025",
    name="checksum-one-space",
    title="Write two spaces between checksum and file name.",
    why=(
        "BusyBox (Alpine) finds no valid line with one space and fails; GNU's tools accept it today as a "
        "variant of the BSD format."
    ),
    severity=Severity.INFO,
    category="correct",
    check=check,
    equivalents=("sha256sumEchoOneSpaces",),
    safety="Two spaces are the documented format, which every implementation reads alike.",
    examples=(
        Example(
            'FROM alpine:3.20\nRUN echo "$SUM a.tgz" | sha256sum -c -\n',
            'FROM alpine:3.20\nRUN echo "$SUM  a.tgz" | sha256sum -c -\n',
        ),
    ),
    clean=(
        'FROM alpine:3.20\nRUN echo "$SUM  a.tgz" | sha256sum -c -\n',
        'FROM alpine:3.20\nRUN echo "$SUM *a.tgz" | sha256sum -c -\n',
    ),
)
