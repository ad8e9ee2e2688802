"""TR3044: do not use a variable in the ENV that sets it."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """ENV A=… B=$A where A has no value yet."""
    known: set[str] = set()
    for step in document.of("ENV", "ARG"):
        if step.onbuild or (step.keyword == "ENV" and len(step.inner.arguments) % 2):
            continue
        pairs = step.inner.env_pairs()
        names = {name for name, _ in pairs}
        if step.keyword == "ENV":
            for name in names - known:
                uses = re.compile(rf"\$(?:{re.escape(name)}(?![A-Za-z0-9_])|\{{{re.escape(name)}\}})")
                if any(uses.search(value or "") for other, value in pairs if other != name):
                    yield Problem(f"`{name}` is set and used in one ENV", step.inner.value_span, step.outer)
                    break
        known |= names


RULE = Rule(
    code="TR3044",
    name="env-refers-to-itself",
    title="Do not use a variable in the ENV that sets it.",
    why=(
        "All values of one ENV are expanded before any is set: the reference gives the value from before, "
        "or nothing."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=("DL3044",),
    reads_broken=True,
    examples=(Example("FROM debian:12\nENV A=1 B=$A\n"),),
    clean=(
        "FROM debian:12\nENV A=1\nENV B=$A\n",
        "FROM debian:12\nENV PATH=/x:$PATH\n",
    ),
)
