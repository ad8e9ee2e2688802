"""TR2002: FROM and AS in different case."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """AS that does not follow the case of its FROM; a FROM in mixed case is another rule's business."""
    for step in document.of("FROM"):
        if len(step.inner.arguments) != 3:
            continue
        word = step.inner.arguments[1]
        keyword = step.inner.keyword_span.of(document.text)
        if word.text.lower() != "as" or keyword not in ("FROM", "from"):
            continue
        wanted = "AS" if keyword == "FROM" else "as"
        if word.text != wanted:
            fix = safe_fix(f"Write {wanted}", Edit(word.span, wanted))
            yield Problem(f"'{word.text}' does not match the case of '{keyword}'", word.span, step.outer, fix)


RULE = Rule(
    code="TR2002",
    name="from-as-casing",
    title="Write AS in the case of its FROM.",
    why="`FROM image as name` works, but the two keywords belong together and are read together.",
    severity=Severity.STYLE,
    category="style",
    check=check,
    equivalents=("FromAsCasing", "tally/FromAsCasing"),
    safety="The builder ignores the case of AS.",
    reads_broken=True,
    examples=(
        Example("FROM debian:12 as build\n", "FROM debian:12 AS build\n"),
        Example("from debian:12 AS build\n", "from debian:12 as build\n"),
    ),
    clean=("FROM debian:12 AS build\n", "from debian:12 as build\n", "From debian:12 as build\n"),
)
