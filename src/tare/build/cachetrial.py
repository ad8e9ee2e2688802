"""What an engine really did with each step: its own report, brought back to the instructions of the Dockerfile."""

import re
from collections.abc import Sequence

from tare.build.cachekeys import LAYERS
from tare.dockerfile import Dockerfile, Instruction
from tare.dockerfile.graph import needed_stages
from tare.schema.run import StepTiming

NUMBERED = re.compile(r"^\[(?:(?P<stage>\S+) )?(?P<number>\d+)/\d+\] (?P<text>.*)$", re.DOTALL)


def layer_instructions(
    document: Dockerfile, target: int | None = None, *, every: bool = False
) -> tuple[Instruction, ...]:
    """The instructions that make layers, stage by stage, in the stages that a build needs; with `every` in all stages, as
    the classic builder carries them out."""
    needed = built_stages(document, target, every=every)
    return tuple(
        node
        for stage in document.stages
        if stage.index in needed
        for node in stage.instructions
        if node.keyword in LAYERS
    )


def built_stages(document: Dockerfile, target: int | None, *, every: bool) -> frozenset[int]:
    """The stages that a builder carries out."""
    last = len(document.stages) - 1 if target is None else target
    return frozenset(range(last + 1)) if every else needed_stages(document, target)


def matched(
    document: Dockerfile, steps: Sequence[StepTiming], target: int | None = None, *, every: bool = False
) -> tuple[StepTiming | None, ...]:
    """For each of `layer_instructions` the engine's step; None where the engine did not name one.

    BuildKit numbers the steps that make layers within each stage (`[builder 2/5] RUN …`; `stage-1` where a stage has no
    name, nothing or `stage-0` where the file has one stage). Buildah and the classic builder report every instruction in
    order.
    """
    numbered = [(step, NUMBERED.match(step.name)) for step in steps]
    if not any(found for _, found in numbered):
        plain = [step for step in steps if step.name.split(None, 1)[:1] and _keyword(step.name) in LAYERS]
        nodes = layer_instructions(document, target, every=every)
        return tuple(plain) if len(plain) == len(nodes) else (None,) * len(nodes)
    places: dict[tuple[str, int], StepTiming] = {}
    for step, found in numbered:
        if found is not None and _keyword(found["text"]) in LAYERS:
            places[(found["stage"] or "", int(found["number"]))] = step
    rows: list[StepTiming | None] = []
    needed = needed_stages(document, target)
    for stage in document.stages:
        if stage.index not in needed:
            continue
        labels = ["", f"stage-{stage.index}"] if len(document.stages) == 1 else [f"stage-{stage.index}"]
        labels = [stage.name] if stage.name else labels
        count = 1 if stage.parent is None else 0
        for node in stage.instructions:
            if node.keyword in LAYERS:
                count += 1
                rows.append(
                    next((places[label, count] for label in labels if (label, count) in places), None)
                )
    return tuple(rows)


def _keyword(text: str) -> str:
    return text.split(None, 1)[0].upper()
