"""TR4003: write CMD once in a stage."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.repeats import BUILDKIT, repeated
from tare.schema.lint import Severity

_OTHERS = ("DL4003", "DS-0016", "multiple_cmd_instructions_listed")


def check(document: Document) -> Iterable[Problem]:
    """Every CMD of a stage that has several."""
    yield from repeated(document, "CMD", _OTHERS)


RULE = Rule(
    code="TR4003",
    name="several-cmds",
    title="Write CMD once in a stage.",
    why=(
        "Only the last CMD of a stage has an effect. The others mislead whoever reads the file. "
        "hadolint reports the later ones, BuildKit the ones before: both are reported here."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(BUILDKIT, *_OTHERS),
    safety="The builder keeps the last CMD only: without the others the image is the same.",
    reads_broken=True,
    examples=(Example('FROM debian:12\nCMD ["a"]\nCMD ["b"]\n', 'FROM debian:12\nCMD ["b"]\n'),),
    clean=(
        'FROM debian:12\nCMD ["a"]\n',
        'FROM debian:12\nCMD ["a"]\nFROM debian:12 AS b\nCMD ["b"]\n',
    ),
)
