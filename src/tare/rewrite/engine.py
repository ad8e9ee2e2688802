"""Applies transforms in order. After each one the text is parsed again and compared with what was intended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from tare.core.errors import DockerfileSyntaxError, EditConflictError
from tare.core.text import Edit, apply_edits
from tare.dockerfile import Dockerfile, Instruction, parse
from tare.rewrite.facts import Facts
from tare.rewrite.layout import native
from tare.rewrite.transform import Proposal, Refusal, Transform
from tare.schema.finding import Applicability, Saving

Status = Literal["applied", "refused", "dropped", "not-needed"]


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one transform."""

    transform: str
    title: str
    status: Status
    reason: str
    applicability: Applicability | None = None
    saving: Saving | None = None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The text after all transforms, and what became of each."""

    text: str
    steps: tuple[Step, ...]

    @property
    def applied(self) -> tuple[str, ...]:
        """Names of the transforms that changed the text."""
        return tuple(step.transform for step in self.steps if step.status == "applied")


def rewrite(
    text: str,
    facts: Facts,
    transforms: Sequence[Transform],
    *,
    path: str | None = None,
    without: Collection[str] = (),
    dropped: dict[str, str] | None = None,
) -> Rewrite:
    """Apply `transforms` in order, leaving out those named in `without`.

    `dropped` gives the reasons of those left out, for the record. Raises `DockerfileSyntaxError` when `text` itself
    is not a Dockerfile. A transform whose edits break the file is refused and the text stays as it was.
    """
    document = parse(text, path)
    steps: list[Step] = []
    for transform in transforms:
        if transform.name in without:
            reason = (dropped or {}).get(transform.name, "left out")
            steps.append(Step(transform.name, transform.title, "dropped", reason))
            continue
        outcome = transform.plan(document, facts)
        if outcome is None:
            steps.append(Step(transform.name, transform.title, "not-needed", "nothing to do here"))
            continue
        if isinstance(outcome, Refusal):
            steps.append(Step(transform.name, transform.title, "refused", outcome.reason))
            continue
        changed = _apply(document, outcome)
        if isinstance(changed, str):
            steps.append(Step(transform.name, transform.title, "refused", changed))
            continue
        document = changed
        steps.append(
            Step(
                transform.name,
                transform.title,
                "applied",
                outcome.reason,
                outcome.applicability,
                outcome.saving,
            )
        )
    return Rewrite(document.text, tuple(steps))


def _apply(document: Dockerfile, proposal: Proposal) -> Dockerfile | str:
    """The changed document, or the reason why the edits cannot be trusted."""
    edits = [native(document, edit) for edit in proposal.edits]
    try:
        changed = parse(apply_edits(document.text, edits), document.path)
    except DockerfileSyntaxError as error:
        return f"its edits would break the file ({error.message})"
    except EditConflictError as error:
        return f"its edits overlap ({error.message})"
    missing = _lost(document, changed, edits)
    return f"its edits would also change `{missing}`" if missing else changed


def _lost(before: Dockerfile, after: Dockerfile, edits: Sequence[Edit]) -> str | None:
    """The first untouched instruction of `before` that is not in `after`, in order; None when all are."""
    remaining = iter(after.instructions)
    for instruction in before.instructions:
        touched = any(_touches(edit, instruction) for edit in edits)
        if not touched and all(kept.original != instruction.original for kept in remaining):
            return instruction.original
    return None


def _touches(edit: Edit, instruction: Instruction) -> bool:
    """Whether an edit changes an instruction: also one that adds to its last line."""
    span, own = edit.span, instruction.span
    if span.start < span.end:
        return span.start < own.end and span.end > own.start
    return own.start < span.start < own.end or (
        span.start == own.end and not edit.replacement.startswith(("\n", "\r"))
    )
