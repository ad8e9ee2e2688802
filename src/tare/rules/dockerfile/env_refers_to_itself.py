"""TR3044: do not use a variable in the ENV that sets it."""

import re
from collections.abc import Container, Iterable, Sequence
from itertools import pairwise

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document, Step
from tare.schema.finding import Fix
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """ENV A=… B=$A where A has no value yet."""
    known: set[str] = set()
    for step in document.of("ENV", "ARG"):
        if step.onbuild or (step.keyword == "ENV" and len(step.inner.arguments) % 2):
            continue
        pairs = [(name.strip("\"'"), value or "") for name, value in step.inner.env_pairs()]
        if step.keyword == "ENV":
            name = _used_too_early(pairs, known)
            if name is not None:
                message = f"`{name}` is set and used in one ENV"
                yield Problem(message, step.inner.value_span, step.outer, _fix(document, step))
        known |= {name for name, _ in (pairs if step.keyword == "ENV" else pairs[:1])}


def _used_too_early(pairs: Sequence[tuple[str, str]], known: Container[str]) -> str | None:
    """The first variable without a value from before that another pair of the same ENV uses."""
    for at, (name, _) in enumerate(pairs):
        if name in known or not any("$" in value for _, value in pairs):
            continue
        uses = re.compile(rf"\$(?:{re.escape(name)}(?![A-Za-z0-9_])|\{{{re.escape(name)}\}})")
        if any(uses.search(value) for other, (_, value) in enumerate(pairs) if other != at):
            return name
    return None


def _fix(document: Document, step: Step) -> Fix | None:
    """One ENV for each variable."""
    words = step.inner.arguments
    spans = [Span(key.span.start, value.span.end) for key, value in zip(words[::2], words[1::2], strict=True)]
    for first, second in pairwise(spans):
        if document.text[first.end : second.start].strip(f" \t\r\n{document.escape}"):
            return None
    keyword = step.outer.keyword_span.of(document.text)
    lines = "\n".join(f"{keyword} {span.of(document.text)}" for span in spans)
    return unsafe_fix("Write one ENV for each variable", Edit(step.outer.span, lines))


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
    safety="Unsafe: the variable gets the value that was meant, not the one that it has today.",
    reads_broken=True,
    examples=(Example("FROM debian:12\nENV A=1 B=$A\n", "FROM debian:12\nENV A=1\nENV B=$A\n"),),
    clean=(
        "FROM debian:12\nENV A=1\nENV B=$A\n",
        "FROM debian:12\nENV PATH=/x:$PATH\n",
    ),
)
