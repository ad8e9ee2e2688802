"""TR4004: write ENTRYPOINT once in a stage."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.repeats import BUILDKIT, repeated
from tare.schema.lint import Severity

_OTHERS = ("DL4004", "DS-0007", "multiple_entrypoint_instructions_listed", "multiple-entrypoint-instructions")


def check(document: Document) -> Iterable[Problem]:
    """Every ENTRYPOINT of a stage that has several."""
    yield from repeated(document, "ENTRYPOINT", _OTHERS)


RULE = Rule(
    code="TR4004",
    name="several-entrypoints",
    title="Write ENTRYPOINT once in a stage.",
    why=(
        "Only the last ENTRYPOINT of a stage has an effect. The others mislead whoever reads the file. "
        "hadolint reports the later ones, BuildKit the ones before: both are reported here."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=(BUILDKIT, *_OTHERS),
    safety="The builder keeps the last ENTRYPOINT only: without the others the image is the same.",
    reads_broken=True,
    examples=(
        Example('FROM debian:12\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]\n', 'FROM debian:12\nENTRYPOINT ["b"]\n'),
    ),
    clean=(
        'FROM debian:12\nENTRYPOINT ["a"]\n',
        'FROM debian:12\nENTRYPOINT ["a"]\nFROM debian:12 AS b\nENTRYPOINT ["b"]\n',
    ),
)
