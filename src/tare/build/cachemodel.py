"""Which steps a builder runs again after a change: the keys of two states of a project, compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from tare.build.cachekeys import BuildState, Key, Origin, Rules, StageEnd, StepKey, step_keys
from tare.dockerfile import Instruction, Stage
from tare.schema.cache import Verdict


@dataclass(frozen=True, slots=True)
class Prediction:
    """What becomes of one instruction, and why it runs again."""

    stage: Stage
    instruction: Instruction
    verdict: Verdict
    reason: str


def predict(
    before: BuildState, after: BuildState, rules: Rules, target: int | None = None
) -> tuple[Prediction, ...]:
    """The fate of every instruction of `after` that the build needs, when `before` was built last."""
    known = _Known(step_keys(before, rules, target))
    found: list[Prediction] = []
    fates: dict[int, tuple[Verdict, str]] = {}
    for step in step_keys(after, rules, target):
        inherited = fates.get(step.stage.index)
        if inherited is None and step.stage.parent is not None:
            inherited = fates.get(step.stage.parent)
        fate = known.fate(step, inherited)
        costs = step.layer and step.instruction.keyword in ("RUN", "COPY", "ADD", "WORKDIR")
        if step.layer:
            fates[step.stage.index] = fate
        verdict: Verdict = fate[0] if costs else "none"
        found.append(Prediction(step.stage, step.instruction, verdict, fate[1] if costs else ""))
    return tuple(found)


class _Known:
    """The keys of the build before."""

    def __init__(self, steps: tuple[StepKey, ...]) -> None:
        self.keys = {_plain(step) for step in steps}
        self.parts = [step for step in steps if step.layer]

    def fate(self, step: StepKey, inherited: tuple[Verdict, str] | None) -> tuple[Verdict, str]:
        """Hit, miss or depends, with the reason."""
        if not step.layer:
            return "none", ""
        linked = step.parent == ("link",)
        if inherited is not None and inherited[0] == "miss" and not linked:
            return "miss", "the step above ran again"
        candidates = [
            known for known in self.parts if known.own == step.own and len(known.origins) == len(step.origins)
        ]
        if not candidates:
            return "miss", _difference(step, self.parts)
        fates = [_origins(step.origins, known.origins) for known in candidates]
        best: Verdict = "hit" if "hit" in fates else "depends" if "depends" in fates else "miss"
        if best == "miss":
            return "miss", "the files that it copies from another stage changed"
        if inherited is not None and inherited[0] == "depends" and not linked:
            best = "depends"
        same_parent = any(_skeleton(known.parent) == _skeleton(step.parent) for known in candidates)
        if not same_parent and not linked:
            return "miss", "it stood elsewhere before"
        return (
            best,
            ""
            if best == "hit"
            else "it is served from the cache if the other stage makes the same files again",
        )


def _plain(step: StepKey) -> Key:
    return (step.parent, step.own)


def _skeleton(key: Key) -> object:
    """A parent's key without the files of other stages: those were judged where they were copied."""
    if not isinstance(key, tuple):
        return key
    return tuple(
        _skeleton(part) if isinstance(part, tuple) else None if isinstance(part, Origin) else part
        for part in key
    )


def _origins(new: Iterable[Origin], old: Iterable[Origin]) -> Verdict:
    verdicts = [_same_files(a, b) for a, b in zip(new, old, strict=True)]
    return "miss" if "miss" in verdicts else "depends" if "depends" in verdicts else "hit"


def _same_files(new: Origin, old: Origin) -> Verdict:
    """Whether two stages hold the same files at a path, as far as their steps tell."""
    if new.path != old.path:
        return "depends"
    mine, other = _contents(new.end, new.path), _contents(old.end, old.path)
    if mine == other:
        return "hit"
    if mine[0] != other[0] or mine[1] != other[1]:
        return "depends"
    return "miss"


def _contents(end: StageEnd, path: str) -> tuple[object, object, object]:
    """What may have made the files at a path: the base, the steps that may write anywhere, and the copies onto it."""
    runs = tuple(_skeleton(step.key) for step in end.steps if step.instruction.keyword == "RUN")
    below = path.rstrip("/") + "/"
    copies = tuple(
        (destination, own)
        for destination, own in end.destinations
        if (destination.rstrip("/") + "/").startswith(below)
        or below.startswith(destination.rstrip("/") + "/")
    )
    return end.base, runs, copies


def _difference(step: StepKey, before: list[StepKey]) -> str:
    """What changed in a step's own key, in words."""
    node = step.instruction
    same = [
        known
        for known in before
        if known.own[:1] == step.own[:1] and known.instruction.original == node.original
    ]
    if not same:
        return "the instruction is new or was changed"
    if node.keyword in ("COPY", "ADD"):
        return "a file that it copies changed"
    if node.keyword == "FROM":
        return "the base image changed"
    if node.keyword == "RUN":
        return "an argument, a variable, the user or the directory changed, or a file that it mounts"
    return "its value changed"
