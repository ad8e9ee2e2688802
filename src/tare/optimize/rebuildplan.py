"""The Dockerfile that a project's own history would have rebuilt for less: transforms chosen by what they save there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tare.build.cachehistory import Commit, Replayed, Reruns, replay
from tare.build.cachekeys import Rules
from tare.dockerfile import Dockerfile, parse
from tare.optimize.project import Workplace
from tare.rewrite.anatomy import Part, run_step
from tare.rewrite.engine import Rewrite, rewrite
from tare.rewrite.registry import TRANSFORMS
from tare.schema.finding import Applicability

CACHING = (
    "dependencies-first",
    "project-dependencies",
    "stable-dependencies",
    "narrow-copy",
    "copy-order",
    "keyed-copy",
)
"""Transforms whose purpose is that steps stay cached."""
WORTH = 0.02
"""The part of the measured seconds that a transform must save to be proposed."""
Score = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The rewrite that was chosen, with the model's account of it. `applicability` is the least safe of its parts."""

    rewrite: Rewrite
    replayed: Replayed
    applicability: Applicability


def choose(
    place: Workplace,
    commits: Sequence[Commit],
    rules: Rules,
    build_args: Mapping[str, str],
    seconds: Mapping[str, float],
) -> Choice | None:
    """The fewest transforms that together save most over `commits`; None when nothing saves anything.

    All are tried together, and each is left out again when that costs nothing. `seconds` has what steps take, by
    `step_text`. Without it installs of packages weigh more than other commands, and those more than copies: it is never
    better to save any number of copies for one more install.
    """
    facts = replace(
        place.facts,
        changes=tuple(commit.paths for commit in commits),
        settings=replace(place.facts.settings, stage_copies_cached=rules == "buildkit"),
    )
    chosen = [transform for transform in TRANSFORMS if transform.name in CACHING]

    def tried(names: Sequence[str]) -> tuple[Score, Rewrite, Replayed]:
        made = rewrite(place.text, facts, [one for one in chosen if one.name in names])
        document = parse(made.text)
        replayed = replay(document, commits, rules, build_args)
        return score(place.text, document, replayed, seconds), made, replayed

    names = [transform.name for transform in chosen]
    best = tried(names)
    start = tried([])[0]
    slack = tuple(WORTH * value for value in start) if seconds else (0.0,) * len(start)
    for name in tuple(reversed(names)):
        less = tried([other for other in names if other != name])
        if less[0] <= tuple(a + b for a, b in zip(best[0], slack, strict=True)):
            names.remove(name)
            best = less
    if best[0] >= start or not best[1].applied:
        return None
    safe = all(step.applicability is not Applicability.UNSAFE for step in best[1].steps)
    return Choice(best[1], best[2], Applicability.SAFE if safe else Applicability.UNSAFE)


def score(original: str, document: Dockerfile, replayed: Replayed, seconds: Mapping[str, float]) -> Score:
    """What a history costs under a Dockerfile: seconds, or counts by kind of step, the dear ones first."""
    if seconds:
        taken = step_seconds(original, document, seconds)
        return (
            sum(
                (step.again + step.depends) * taken.get(step_text(step), 0.0)
                for step in replayed.steps
                if step.layer
            ),
        )
    counts = [0, 0, 0]
    for step in replayed.steps:
        if step.layer:
            counts[_kind(document, step)] += step.again + step.depends
    return tuple(counts)


def _kind(document: Dockerfile, step: Reruns) -> int:
    """0 for installs (and for what cannot be taken apart, to be careful), 1 for other commands, 2 for copies."""
    if step.instruction.keyword != "RUN":
        return 2
    stage = next(one for one in document.stages if step.instruction in one.instructions)
    kinds = run_step(stage, step.instruction)
    return 0 if kinds.script is None or {Part.PYTHON, Part.SYSTEM} & kinds.kinds else 1


def step_text(step: Reruns) -> str:
    """What a step is known by across two versions of a Dockerfile."""
    return " ".join(step.instruction.original.split())


def step_seconds(original: str, document: Dockerfile, seconds: Mapping[str, float]) -> dict[str, float]:
    """Seconds of each step: measured where the original has the same step; otherwise what the original's steps of
    the same keyword take that are no longer there, shared out among the new ones."""
    known = dict(seconds)
    texts = {" ".join(node.original.split()): node.keyword for node in document.instructions}
    before = {" ".join(node.original.split()): node.keyword for node in parse(original).instructions}
    for keyword in ("RUN", "COPY", "ADD", "WORKDIR"):
        fresh = [one for one, key in texts.items() if key == keyword and one not in known]
        gone = sum(known.get(one, 0.0) for one, key in before.items() if key == keyword and one not in texts)
        for one in fresh:
            known[one] = gone / len(fresh)
    return known
