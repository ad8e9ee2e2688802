"""TR3048: use valid label keys."""

import re
from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document, Step
from tare.rules.labels import pairs
from tare.schema.finding import Fix
from tare.schema.lint import Severity

_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")
_KEY = re.compile(r"[a-z](?:[a-z0-9._/-]*[a-z0-9])?")


def check(document: Document) -> Iterable[Problem]:
    """LABEL with a key that is none."""
    for step in document.of("LABEL"):
        wrong = [key for key, _ in pairs(step.inner) if not _valid(key)]
        if wrong and not step.onbuild:
            message = f"`{wrong[0]}` is not a valid label key"
            yield Problem(message, step.inner.value_span, step.outer, _fix(step, wrong))


def _valid(key: str) -> bool:
    return (
        _KEY.fullmatch(key) is not None
        and ".." not in key
        and "--" not in key
        and not key.startswith(_RESERVED)
    )


def _fix(step: Step, wrong: list[str]) -> Fix | None:
    """Lower case, where nothing else is wrong."""
    if not all(_valid(key.lower()) for key in wrong):
        return None
    keys = (word for word in step.inner.arguments[::2] if word.text.strip("\"'") in wrong)
    return unsafe_fix("Write it in lower case", *(Edit(word.span, word.text.lower()) for word in keys))


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
    safety="Unsafe: a program may look for the label in its old spelling.",
    reads_broken=True,
    examples=(Example("FROM debian:12\nLABEL Version=1\n", "FROM debian:12\nLABEL version=1\n"),),
    clean=("FROM debian:12\nLABEL org.opencontainers.image.version=1\n",),
)
