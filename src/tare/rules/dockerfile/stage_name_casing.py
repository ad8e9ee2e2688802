"""TR2003: a stage name with capitals."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`AS Name` that is not in lower case."""
    for step in document.of("FROM"):
        if len(step.inner.arguments) != 3 or step.inner.arguments[1].text.lower() != "as":
            continue
        name = step.inner.arguments[2]
        if name.text != name.text.lower():
            references = (Edit(span, name.text.lower()) for span in _references(document, name.text))
            fix = safe_fix("Write it in lower case", Edit(name.span, name.text.lower()), *references)
            yield Problem(f"stage name '{name.text}' is not in lower case", name.span, step.outer, fix)


def _references(document: Document, name: str) -> Iterable[Span]:
    """Where `COPY --from=` names the stage in the same spelling."""
    for step in document.of("COPY"):
        for flag in step.inner.flags:
            if flag.name == "from" and flag.value == name and document.text[flag.span.end - 1] == name[-1]:
                yield Span(flag.span.end - len(name), flag.span.end)


RULE = Rule(
    code="TR2003",
    name="stage-name-casing",
    title="Write stage names in lower case.",
    why="The builder stores names in lower case. `FROM Build` after `AS Build` is taken for an image and refused, while "
    "`COPY --from=Build` works: one spelling avoids the surprise.",
    severity=Severity.STYLE,
    category="style",
    check=check,
    equivalents=("StageNameCasing", "tally/StageNameCasing"),
    safety="Stage names are compared in lower case, by COPY --from, by mounts and by --target.",
    reads_broken=True,
    examples=(
        Example(
            "FROM golang:1.22 AS Build\nFROM debian:12\nCOPY --from=Build /app /app\n",
            "FROM golang:1.22 AS build\nFROM debian:12\nCOPY --from=build /app /app\n",
        ),
    ),
    clean=("FROM debian:12 AS build\n",),
)
