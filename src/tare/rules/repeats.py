"""Instructions of which only the last in a stage has an effect."""

from collections.abc import Iterator

from tare.core.text import Edit
from tare.dockerfile.nodes import Instruction
from tare.rules.base import Problem, safe_fix
from tare.rules.document import Document


def repeated(document: Document, keyword: str, message: str) -> Iterator[Problem]:
    """A problem for every instruction of the keyword after the first one of its stage; the fix takes out all but the last."""
    stages: dict[int, list[Instruction]] = {}
    for step in document.of(keyword):
        if not step.onbuild:
            stages.setdefault(step.stage, []).append(step.outer)
    for found in stages.values():
        dead = (Edit(document.line_span(instruction.span), "") for instruction in found[:-1])
        fix = safe_fix(f"Remove the {keyword} that the last one replaces", *dead)
        for instruction in found[1:]:
            yield Problem(message, instruction.span, instruction, fix)
