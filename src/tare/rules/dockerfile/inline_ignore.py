"""TR1001: do not silence findings with inline comments."""

from collections.abc import Iterable

from tare.dockerfile.pragmas import Pragma, pragmas
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Every `# hadolint ignore=` comment."""
    for pragma in pragmas(document.dockerfile):
        if pragma.dialect == "hadolint" and pragma.instruction is not None and _is_read(pragma):
            yield Problem("a comment silences findings here", pragma.span)


def _is_read(pragma: Pragma) -> bool:
    """Whether hadolint takes it for one of its comments, wherever it stands between instructions."""
    instruction = pragma.instruction
    return pragma.well_formed and (instruction is None or pragma.span.start < instruction.span.start)


RULE = Rule(
    code="TR1001",
    name="inline-ignore",
    title="Do not silence findings with inline comments.",
    why="A team that wants every exception in one reviewed place, the configuration, turns this rule on.",
    severity=Severity.STYLE,
    category="style",
    check=check,
    equivalents=("DL1001",),
    on_by_default=False,
    reads_broken=True,
    examples=(Example("FROM debian:12\n# hadolint ignore=DL3004\nRUN sudo true\n"),),
    clean=("FROM debian:12\n# a comment\nRUN true\n",),
)
