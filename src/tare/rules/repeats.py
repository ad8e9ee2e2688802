"""Instructions of which only the last in a stage has an effect."""

from collections.abc import Iterator

from tare.core.text import Edit
from tare.dockerfile.nodes import Instruction
from tare.rules.base import Problem, safe_fix
from tare.rules.document import Document

BUILDKIT = "MultipleInstructionsDisallowed"


def repeated(document: Document, keyword: str, others: tuple[str, ...]) -> Iterator[Problem]:
    """A problem for every instruction of the keyword in a stage that has several; the fix takes out all but the last.

    BuildKit reports those without an effect, the `others` those after the first.
    """
    stages: dict[int, list[Instruction]] = {}
    for step in document.of(keyword):
        if not step.onbuild:
            stages.setdefault(step.stage, []).append(step.outer)
    for found in stages.values():
        if len(found) < 2:
            continue
        dead = (Edit(document.line_span(instruction.span), "") for instruction in found[:-1])
        fix = safe_fix(f"Remove the {keyword} that the last one replaces", *dead)
        for at, instruction in enumerate(found):
            last = at == len(found) - 1
            message = (
                f"only the last {keyword} of a stage has an effect: this one replaces another"
                if last
                else f"only the last {keyword} of a stage has an effect: line {found[-1].line} replaces this one"
            )
            codes = () if last else (BUILDKIT,)
            yield Problem(
                message, instruction.span, instruction, fix, equivalents=codes + (others if at else ())
            )
