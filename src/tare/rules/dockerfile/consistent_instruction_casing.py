"""TR2001: instructions in another case than most of the file."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document, Step
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Keywords that are not in the case of the majority; upper case when there is none. Global ARGs do not count."""
    steps = [step for step in document.steps if step.stage >= 0]
    written = {id(step): step.outer.keyword_span.of(document.text) for step in steps}
    lower = sum(word == word.lower() for word in written.values())
    upper = sum(word == word.upper() for word in written.values())
    case = str.lower if lower > upper else str.upper
    for step in steps:
        word = written[id(step)]
        if word == case(word) or len(word) != len(step.outer.keyword):
            continue
        name = "lower" if lower > upper else "upper"
        edits = [Edit(step.outer.keyword_span, case(word)), *_as(step, name)]
        yield Problem(
            f"{word} is not in {name} case as most instructions of this file are",
            step.outer.keyword_span,
            step.outer,
            safe_fix(f"Write {case(word)}", *edits),
        )


def _as(step: Step, name: str) -> list[Edit]:
    """The AS of a FROM follows its keyword."""
    arguments = step.outer.arguments
    if (
        step.keyword != "FROM"
        or len(arguments) != 3
        or len(arguments[1].text) != arguments[1].span.end - arguments[1].span.start
    ):
        return []
    text = arguments[1].text.lower() if name == "lower" else arguments[1].text.upper()
    return [Edit(arguments[1].span, text)] if text != arguments[1].text else []


RULE = Rule(
    code="TR2001",
    name="consistent-instruction-casing",
    title="Write all instructions in the same case.",
    why="Docker reads `run` and `RUN` alike, people do not: instructions that all look the same are found at a glance, and "
    "by grep.",
    severity=Severity.STYLE,
    category="style",
    check=check,
    equivalents=("ConsistentInstructionCasing", "tally/ConsistentInstructionCasing"),
    safety="The builder ignores the case of keywords and of AS.",
    reads_broken=True,
    examples=(
        Example("FROM debian:12\ncopy a /a\nCOPY b /b\n", "FROM debian:12\nCOPY a /a\nCOPY b /b\n"),
        Example(
            "FROM debian:12 AS a\nfrom a as b\nUSER app\n", "FROM debian:12 AS a\nFROM a AS b\nUSER app\n"
        ),
    ),
    clean=("from debian:12\nuser app\n", "arg V=12\nFROM debian:$V\n"),
)
