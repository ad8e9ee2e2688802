"""TR2003: a stage name with capitals."""

from collections.abc import Iterable

from tare.core.text import Edit
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
            fix = safe_fix("Write it in lower case", Edit(name.span, name.text.lower()))
            yield Problem(f"stage name '{name.text}' is not in lower case", name.span, step.outer, fix)


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
            "FROM golang:1.22 AS build\nFROM debian:12\nCOPY --from=Build /app /app\n",
        ),
    ),
    clean=("FROM debian:12 AS build\n",),
)
