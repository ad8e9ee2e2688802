"""TR5026: a stage called by its number."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`COPY --from=0`."""
    names = {stage.name for stage in document.stages}
    for step in document.of("COPY"):
        for flag in step.inner.flags:
            number = flag.value or ""
            if (
                flag.name != "from"
                or not (number.isascii() and number.isdigit())
                or int(number) >= len(document.stages)
            ):
                continue
            stage = document.stages[int(number)]
            name = stage.name or next(
                candidate
                for candidate in (f"stage-{number}", f"build-{number}", f"stage-{number}-a")
                if candidate not in names
            )
            edits = [Edit(flag.span, f"--from={name}")]
            if stage.name is None:
                keyword = stage.from_.keyword_span.of(document.text)
                end = stage.from_.span.end
                edits.append(Edit(Span(end, end), f" {'as' if keyword.islower() else 'AS'} {name}"))
            fix = None if step.onbuild else safe_fix(f"Call it {name}", *edits)
            yield Problem(
                f"--from={number} means another stage as soon as one is added above",
                flag.span,
                step.outer,
                fix,
            )


RULE = Rule(
    code="TR5026",
    name="stage-by-number",
    title="Give stages names and copy by name.",
    why=(
        "Numbers count all stages above: whoever adds one makes every later `--from=N` mean another stage, "
        "often without an error."
    ),
    severity=Severity.STYLE,
    category="style",
    check=check,
    equivalents=("using_unnamed_build_stages",),
    safety="The same stage is meant, by a name that is new in the file.",
    examples=(
        Example(
            "FROM golang:1.22\nRUN go build -o /app .\nFROM debian:12\nCOPY --from=0 /app /app\n",
            (
                "FROM golang:1.22 AS stage-0\nRUN go build -o /app .\n"
                "FROM debian:12\nCOPY --from=stage-0 /app /app\n"
            ),
        ),
    ),
    clean=("FROM golang:1.22 AS build\nFROM debian:12\nCOPY --from=build /app /app\n",),
)
