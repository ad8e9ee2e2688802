"""TR4001: use either wget or curl."""

from bisect import bisect
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """A step that uses wget or curl in a stage where both are used."""
    triggers = [step.outer.line for step in document.steps if step.onbuild and step.keyword == "FROM"]
    seen: dict[tuple[int, bool, int], set[str]] = {}
    for step, found in steps_calling(document, "wget", "curl"):
        stage = step.stage, step.onbuild, bisect(triggers, step.outer.line)
        names = seen.setdefault(stage, set())
        names |= {call.name for call in found}
        if len(names) == 2:
            yield Problem("use either wget or curl, not both", found[0].command.span, step.outer)


RULE = Rule(
    code="TR4001",
    name="wget-and-curl",
    title="Use either wget or curl.",
    why="Both do the same. Each brings libraries of its own, 2 to 10 MB.",
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=(
        "DL4001",
        "DS-0014",
        "run_using_wget_and_curl",
        "use-either-wget-or-curl",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nRUN wget -q a\nRUN curl b\n"),),
    clean=("FROM debian:12\nRUN curl a && curl b\n",),
)
