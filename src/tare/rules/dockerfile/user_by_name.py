"""TR3066: name the user by number."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """USER with a name, or a variable, in place of a number."""
    for step in document.of("USER"):
        if not step.onbuild and step.inner.value and not step.inner.value.partition(":")[0].isdecimal():
            yield Problem("name the user by number", step.inner.value_span, step.outer)


RULE = Rule(
    code="TR3066",
    name="user-by-name",
    title="Name the user by number.",
    why=(
        "Kubernetes checks `runAsNonRoot` before the container exists and cannot look a name up: it refuses"
        " to start the image."
    ),
    severity=Severity.INFO,
    category="security",
    check=check,
    equivalents=("DL3066",),
    reads_broken=True,
    examples=(Example("FROM debian:12\nUSER app\n"),),
    clean=("FROM debian:12\nUSER 1000:app\n",),
)
