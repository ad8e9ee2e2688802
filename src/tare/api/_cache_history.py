"""`tare cache --history`: what the commits of a project cost its builds, and what would cost less."""

from collections.abc import Mapping, Sequence

from tare.build.cachehistory import Commit, Replayed, Reruns, replay, source_changes, weeks_of
from tare.build.cachekeys import Rules
from tare.build.engine import Engine
from tare.build.git import read_log
from tare.build.replaying import BuiltCommit, Replaying, build_commits, with_history
from tare.core.errors import UsageError
from tare.core.events import EventSink
from tare.dockerfile import Dockerfile, parse
from tare.optimize.project import Workplace
from tare.optimize.rebuildplan import Choice, choose, step_seconds, step_text
from tare.schema.cache import (
    ChangeHistory,
    Proposed,
    RebuildCost,
    ReplayedCommit,
    SourceFrequency,
    StepFrequency,
)
from tare.schema.quantity import Quantity, estimated, measured, unknown


def history(
    place: Workplace,
    rules: Rules,
    build_args: Mapping[str, str],
    *,
    weeks: int,
    engine: Engine | None,
    commits: int,
    network: str | None,
    on_event: EventSink,
) -> ChangeHistory:
    """The account of the last `weeks`; with `engine` the last `commits` of them are built under both Dockerfiles.

    Raises `UsageError` where Git has no history, `BuildError` when not even the first state can be built.
    """
    log = read_log(place.root, weeks)
    if not log:
        raise UsageError(f"no commit in the last {weeks} weeks", where=str(place.root), hint="--weeks N")
    sent = [commit.sent(place.context.rules) for commit in log]
    span = weeks_of(log)
    before = replay(place.dockerfile, sent, rules, build_args)
    real: Replaying | None = None
    chosen: tuple[Commit, ...] = ()

    def built(text: str) -> Replaying:
        assert engine is not None
        return build_commits(
            place.root,
            text,
            place.context.ignore_text,
            chosen,
            engine,
            build_args=build_args,
            network=network,
            on_event=on_event,
        )

    if engine is not None:
        chosen = with_history(place.root, sent, commits)
        if not chosen:
            raise UsageError("no commit changes the build context", where=str(place.root))
        real = built(place.text)
    seconds = {} if real is None else dict(real.seconds)
    choice = choose(place, sent, rules, build_args, seconds)
    improved = built(choice.rewrite.text) if choice is not None and engine is not None else None
    inside = _own_path(place)
    return ChangeHistory(
        first=log[0].identity,
        last=log[-1].identity,
        commits=len(log),
        weeks=span,
        dockerfile_commits=sum(inside in commit.paths for commit in log) if inside else 0,
        sources=tuple(
            SourceFrequency(one.instruction.line, one.source, one.commits, one.commits / span)
            for one in source_changes(place.dockerfile, sent, rules, build_args)
        ),
        cost=_cost(place.dockerfile, before, span, seconds, frozenset(seconds)),
        proposed=None if choice is None else _proposed(place, choice, span, seconds, improved),
        replayed=() if real is None else _rows(chosen, sent, real, before, improved, choice),
    )


def _own_path(place: Workplace) -> str | None:
    own, root = place.dockerfile_path.resolve(), place.root.resolve()
    return own.relative_to(root).as_posix() if own.is_relative_to(root) else None


def _proposed(
    place: Workplace, choice: Choice, span: float, seconds: Mapping[str, float], real: Replaying | None
) -> Proposed:
    document = parse(choice.rewrite.text)
    known = {**seconds, **(real.seconds if real else {})}
    taken = step_seconds(place.text, document, known) if known else {}
    return Proposed(
        tuple((step.transform, step.reason) for step in choice.rewrite.steps if step.status == "applied"),
        choice.applicability.value,
        _cost(document, choice.replayed, span, taken, frozenset(known)),
    )


def _cost(
    document: Dockerfile, replayed: Replayed, span: float, seconds: Mapping[str, float], seen: frozenset[str]
) -> RebuildCost:
    layers = [step for step in replayed.steps if step.layer]
    steps = tuple(
        StepFrequency(
            step.stage,
            step.instruction.line,
            step.instruction.end_line,
            step_text(step),
            step.again,
            step.depends,
            _taken(step, seconds, seen),
        )
        for step in layers
    )
    low = sum(step.again for step in layers) / span
    high = sum(step.again + step.depends for step in layers) / span
    counts = measured(low, "Git history") if low == high else estimated(high, low, high, "Git history")
    return RebuildCost(document.text, steps, counts, _weekly(layers, span, seconds))


def _taken(step: Reruns, seconds: Mapping[str, float], seen: frozenset[str]) -> Quantity:
    text = step_text(step)
    if text not in seconds:
        return unknown("not measured")
    value = seconds[text]
    return measured(value, "build without cache") if text in seen else estimated(value, 0.0, 2 * value)


def _weekly(layers: Sequence[Reruns], span: float, seconds: Mapping[str, float]) -> Quantity:
    if not seconds:
        return unknown("not measured: --measure builds")
    low = sum(step.again * seconds.get(step_text(step), 0.0) for step in layers) / span
    high = sum((step.again + step.depends) * seconds.get(step_text(step), 0.0) for step in layers) / span
    return estimated(high, low, high, "seconds of each step × commits that run it again")


def _rows(
    chosen: Sequence[Commit],
    sent: Sequence[Commit],
    real: Replaying,
    before: Replayed,
    improved: Replaying | None,
    choice: Choice | None,
) -> tuple[ReplayedCommit, ...]:
    places = {commit.identity: index for index, commit in enumerate(sent)}
    rows = []
    for at, commit in enumerate(chosen):
        index = places[commit.identity]
        agreed = _agreed(real.commits[at], before, index)
        after = None
        if improved is not None and choice is not None:
            after = improved.commits[at].elapsed_s
            agreed = agreed and _agreed(improved.commits[at], choice.replayed, index)
        rows.append(ReplayedCommit(commit.identity, real.commits[at].elapsed_s, after, agreed))
    return tuple(rows)


def _agreed(built: BuiltCommit, replayed: Replayed, index: int) -> bool:
    """Whether the engine did what the model says; what it did not name, or the model leaves open, is no difference."""
    if built.hits is None:
        return False
    verdicts = [
        verdict for verdict, step in zip(replayed.by_commit[index], replayed.steps, strict=True) if step.layer
    ]
    return len(verdicts) == len(built.hits) and all(
        hit is None or verdict == "depends" or hit == (verdict == "hit")
        for verdict, hit in zip(verdicts, built.hits, strict=True)
    )
