"""TR3012: write HEALTHCHECK once in a stage."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.repeats import repeated
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Every HEALTHCHECK of a stage after the first."""
    yield from repeated(document, "HEALTHCHECK", "only the last HEALTHCHECK of a stage has an effect")


RULE = Rule(
    code="TR3012",
    name="several-healthchecks",
    title="Write HEALTHCHECK once in a stage.",
    why=(
        "Only the last HEALTHCHECK of a stage has an effect. The others mislead whoever reads the file. The "
        "later ones are reported, as hadolint does; BuildKit names the ones before."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=(
        "DL3012",
        "MultipleInstructionsDisallowed",
        "DS-0023",
    ),
    safety="The builder keeps the last HEALTHCHECK only: without the others the image is the same.",
    reads_broken=True,
    examples=(
        Example(
            'FROM debian:12\nHEALTHCHECK CMD ["a"]\nHEALTHCHECK CMD ["b"]\n',
            'FROM debian:12\nHEALTHCHECK CMD ["b"]\n',
        ),
    ),
    clean=(
        'FROM debian:12\nHEALTHCHECK CMD ["a"]\n',
        'FROM debian:12\nHEALTHCHECK CMD ["a"]\nFROM debian:12 AS b\nHEALTHCHECK CMD ["b"]\n',
    ),
)
