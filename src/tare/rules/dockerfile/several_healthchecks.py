"""TR3012: write HEALTHCHECK once in a stage."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.repeats import BUILDKIT, repeated
from tare.schema.lint import Severity

_OTHERS = ("DL3012", "DS-0023")


def check(document: Document) -> Iterable[Problem]:
    """Every HEALTHCHECK of a stage that has several."""
    yield from repeated(document, "HEALTHCHECK", _OTHERS)


RULE = Rule(
    code="TR3012",
    name="several-healthchecks",
    title="Write HEALTHCHECK once in a stage.",
    why=(
        "Only the last HEALTHCHECK of a stage has an effect. The others mislead whoever reads the file. "
        "hadolint reports the later ones, BuildKit the ones before: both are reported here."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=(BUILDKIT, *_OTHERS),
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
