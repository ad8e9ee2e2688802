"""`tare cache` as a function."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tare import __version__
from tare.api._cache_history import history as read_history
from tare.api._cache_measure import Seen, Trial, tried
from tare.build.cacheadvice import advise
from tare.build.cachekeys import BuildState, Rules
from tare.build.cachemodel import Prediction, predict
from tare.build.cachestate import named_state
from tare.build.engine import Engine
from tare.build.git import git
from tare.core.errors import UsageError
from tare.core.events import EventSink, null_sink
from tare.dockerfile import parse
from tare.dockerfile.graph import dependencies
from tare.optimize import read_workplace
from tare.optimize.project import Workplace
from tare.rewrite.facts import RewriteSettings
from tare.schema.cache import CachedStep, CacheReport
from tare.schema.quantity import measured, unknown

Kind = Literal["source", "requirements", "lock", "base", "args", "nothing"]
NOTHING = "nothing changes"


@dataclass(frozen=True, slots=True)
class History:
    """Look at the last `weeks` of Git's history; with an engine, build the last `commits` of them for real."""

    weeks: int = 26
    commits: int = 5


@dataclass(frozen=True, slots=True)
class Change:
    """What is taken to change: named files, everything since a Git revision, the usual kinds, and build arguments."""

    files: tuple[str, ...] = ()
    since: str | None = None
    kinds: tuple[Kind, ...] = ()
    build_args: Mapping[str, str] = field(default_factory=dict)


def cache(
    path: Path,
    change: Change,
    *,
    dockerfile: Path | None = None,
    rules: Rules = "buildkit",
    build_args: Mapping[str, str] | None = None,
    engine: Engine | None = None,
    network: str | None = None,
    history: History | None = None,
    advice: bool = False,
    on_event: EventSink = null_sink,
) -> CacheReport:
    """Which steps run again after `change`, when the state before it was built last; with `engine` also what it really
    does, on a copy of the project. `history` asks instead what the commits of the project cost. `advice`: also how CI
    keeps the cache.

    Raises `UsageError` for a change that is none (a file that is not sent, a revision that Git does not know).
    """
    place = read_workplace(path, dockerfile, RewriteSettings())
    given = dict(build_args or {})
    spoken = rules if engine is None else f"{rules}, measured with {engine.name} {engine.version}"
    words_for_ci = advise(place.dockerfile, rules) if advice else ()
    if history is not None:
        account = read_history(
            place,
            rules,
            given,
            weeks=history.weeks,
            commits=history.commits,
            engine=engine,
            network=network,
            on_event=on_event,
        )
        return CacheReport(
            verb="cache",
            tool_version=__version__,
            path=str(path),
            rules=spoken,
            changes=(f"{account.commits} commits in {account.weeks:.0f} weeks",),
            dockerfile=place.text,
            steps=(),
            rerun_s=account.cost.seconds_per_week,
            history=account,
            advice=words_for_ci,
        )
    before = named_state(place.context, place.dockerfile, given)
    words: list[str] = []
    after = before
    for kind in change.kinds:
        after, said = _usual(place, after, kind)
        words.append(said)
    for name in change.files:
        edited = _edited(place, after, _inside(place, name))
        words.append(f"{name} changes" + (", which .dockerignore leaves out" if edited is after else ""))
        after = edited
    edits = [name for name, file in after.files.items() if file != before.files[name]]
    if change.since is not None:
        before, after, said = _since(place, before, after, change.since)
        words.append(said)
    if change.build_args:
        after = replace(after, build_args={**after.build_args, **change.build_args})
        words += [f"build argument {name} changes" for name in change.build_args]
    predictions = predict(before, after, rules)
    seen: Seen = {}
    if engine is not None:
        trial = Trial(before, after, tuple(edits), change.since, "base" in change.kinds)
        seen = tried(place, trial, engine, network, on_event)
    steps = tuple(_step(found, seen) for found in predictions)
    again = [step for step in steps if (step.observed or step.verdict) == "miss"]
    total = sum((step.elapsed_s for step in again), start=measured(0, "steps of the build before"))
    return CacheReport(
        verb="cache",
        tool_version=__version__,
        path=str(path),
        rules=spoken,
        changes=tuple(words) or (NOTHING,),
        dockerfile=after.document.text,
        steps=steps,
        rerun_s=total if engine is not None else unknown("not measured: --measure builds"),
        advice=words_for_ci,
    )


def _step(found: Prediction, seen: Seen) -> CachedStep:
    observed, elapsed = seen.get(found.instruction.span.start, (None, unknown("not measured")))
    return CachedStep(
        stage=found.stage.name or str(found.stage.index),
        line=found.instruction.line,
        end_line=found.instruction.end_line,
        instruction=" ".join(found.instruction.original.split()),
        verdict=found.verdict,
        reason=found.reason,
        elapsed_s=elapsed,
        observed=observed,
    )


def _usual(place: Workplace, state: BuildState, kind: Kind) -> tuple[BuildState, str]:
    """The state after one of the usual changes, and what was taken for it."""
    match kind:
        case "nothing":
            return state, NOTHING
        case "source":
            name, what = place.source_file, "a source file"
        case "requirements":
            name, what = place.requirements_file, "a file that names dependencies"
        case "lock":
            name, what = next((lock.path for lock in place.project.locks), None), "a lock file"
        case "base":
            images = sorted(
                {edge.image for edge in dependencies(place.dockerfile) if edge.kind == "base" and edge.image}
            )
            bases = dict.fromkeys(images, ("changed", ""))
            return replace(state, bases={**state.bases, **bases}), f"base {', '.join(images)} changes"
        case "args":
            names = sorted(
                {
                    key
                    for node in place.dockerfile.instructions
                    if node.keyword == "ARG"
                    for key, _ in node.env_pairs()
                }
            )
            if not names:
                raise UsageError("the Dockerfile declares no ARG", where=str(place.dockerfile_path))
            return replace(state, build_args={**state.build_args, **dict.fromkeys(names, "changed")}), (
                f"build arguments {', '.join(names)} change"
            )
    if name is None:
        raise UsageError(
            f"the context holds no {what.removeprefix('a ')}", where=str(place.root), hint="--change FILE"
        )
    return _edited(place, state, name), f"{name} changes"


def _inside(place: Workplace, name: str) -> str:
    """A file named on the command line, as a path in the context."""
    for candidate in (Path(name), place.root / name):
        resolved = candidate.resolve()
        if resolved.exists() and resolved.is_relative_to(place.root.resolve()):
            return resolved.relative_to(place.root.resolve()).as_posix()
    return name


def _edited(place: Workplace, state: BuildState, name: str) -> BuildState:
    if name not in state.files:
        entry = place.context.by_path.get(name)
        if entry is not None and entry.ignored:
            return state
        raise UsageError(
            "there is no such file in the build context", where=name, hint="tare context lists them"
        )
    files = {**state.files, name: replace(state.files[name], content=state.files[name].content + "′")}
    return replace(state, files=files)


def _since(
    place: Workplace, before: BuildState, after: BuildState, revision: str
) -> tuple[BuildState, BuildState, str]:
    """The states at a Git revision and now: files by name and status, and the Dockerfile as it was."""
    rows = git(
        place.root, "diff", "--name-status", "--no-renames", "--relative", "-z", revision, "--", "."
    ).split("\0")
    files_before, files_after = dict(before.files), dict(after.files)
    count = 0
    for status, name in zip(rows[::2], rows[1::2], strict=False):
        count += 1
        if status == "A":
            files_before.pop(name, None)
        elif name in files_after:
            files_after[name] = replace(files_after[name], content=files_after[name].content + "′")
        elif status == "D" and not place.context.rules.excluded(name):
            files_before[name] = next(iter(files_before.values()))
    document = before.document
    inside = place.dockerfile_path.resolve()
    if inside.is_relative_to(place.root.resolve()):
        name = inside.relative_to(place.root.resolve()).as_posix()
        if name in rows[1::2]:
            document = parse(git(place.root, "show", f"{revision}:./{name}"), f"{revision}:{name}")
    return (
        replace(before, files=files_before, document=document),
        replace(after, files=files_after),
        f"{count} files since {revision}",
    )
