"""TR3048: use valid label keys."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.labels import pairs
from tare.schema.lint import Severity

_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")
_KEY = re.compile(r"[a-z](?:[a-z0-9._/-]*[a-z0-9])?")


def check(document: Document) -> Iterable[Problem]:
    """LABEL with a key that is none."""
    for step in document.of("LABEL"):
        wrong = [key for key, _ in pairs(step.inner) if not _valid(key)]
        if wrong and not step.onbuild:
            yield Problem(f"`{wrong[0]}` is not a valid label key", step.inner.value_span, step.outer)


def _valid(key: str) -> bool:
    return (
        _KEY.fullmatch(key) is not None
        and ".." not in key
        and "--" not in key
        and not key.startswith(_RESERVED)
    )


RULE = Rule(
    code="TR3048",
    name="label-key",
    title="Use valid label keys.",
    why=(
        "Keys are lower case, begin with a letter and use single dots and hyphens; three prefixes belong to"
        " Docker. Tools that filter by label overlook others."
    ),
    severity=Severity.STYLE,
    category="style",
    check=check,
    equivalents=("DL3048",),
    reads_broken=True,
    examples=(Example("FROM debian:12\nLABEL Version=1\n"),),
    clean=("FROM debian:12\nLABEL org.opencontainers.image.version=1\n",),
)
