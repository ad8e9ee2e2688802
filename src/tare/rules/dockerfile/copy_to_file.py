"""TR3021: end the destination of several sources with a slash."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """COPY of several sources to a destination without a slash at its end."""
    for step in document.of("COPY"):
        words = step.inner.arguments
        if step.onbuild or len(words) < 3:
            continue
        dest = words[-1]
        if not dest.text.strip("\"'").endswith("/"):
            quoted = document.text[dest.span.end - 1] in "\"'"
            at = dest.span.end - 1 if quoted else dest.span.end
            fix = safe_fix("Add the slash", Edit(Span(at, at), "/"))
            yield Problem("a destination of several sources must end with `/`", dest.span, step.outer, fix)


RULE = Rule(
    code="TR3021",
    name="copy-to-file",
    title="End the destination of several sources with a slash.",
    why=(
        "With more than one source the destination must be a directory, and builders reject one that is not"
        " written as such."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=(
        "DL3021",
        "DS-0011",
        "copy_with_more_than_two_arguments_not_ending_with_slash",
    ),
    safety="Without the slash the build fails.",
    reads_broken=True,
    examples=(Example("FROM debian:12\nCOPY a b /app\n", "FROM debian:12\nCOPY a b /app/\n"),),
    clean=(
        "FROM debian:12\nCOPY a b /app/\n",
        "FROM debian:12\nCOPY a /app\n",
    ),
)
