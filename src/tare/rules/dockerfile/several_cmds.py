"""TR4003: write CMD once in a stage."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.repeats import repeated
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Every CMD of a stage after the first."""
    yield from repeated(document, "CMD", "only the last CMD of a stage has an effect")


RULE = Rule(
    code="TR4003",
    name="several-cmds",
    title="Write CMD once in a stage.",
    why=(
        "Only the last CMD of a stage has an effect. The others mislead whoever reads the file. The later ones "
        "are reported, as hadolint does; BuildKit names the ones before."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL4003",
        "MultipleInstructionsDisallowed",
        "DS-0016",
        "multiple_cmd_instructions_listed",
    ),
    safety="The builder keeps the last CMD only: without the others the image is the same.",
    reads_broken=True,
    examples=(Example('FROM debian:12\nCMD ["a"]\nCMD ["b"]\n', 'FROM debian:12\nCMD ["b"]\n'),),
    clean=(
        'FROM debian:12\nCMD ["a"]\n',
        'FROM debian:12\nCMD ["a"]\nFROM debian:12 AS b\nCMD ["b"]\n',
    ),
)
