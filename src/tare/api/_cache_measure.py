"""`tare cache --measure`: the state before and the state after, built by an engine on a copy of the project."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tare.build.cachekeys import BuildState
from tare.build.cachetrial import layer_instructions, matched
from tare.build.engine import BuildRequest, Engine
from tare.build.git import lay_out
from tare.build.measure import COMMENT, private_copy
from tare.core.events import Event, EventSink
from tare.core.text import Edit, apply_edits
from tare.dockerfile import Dockerfile
from tare.dockerfile.expand import expand_known
from tare.dockerfile.graph import global_values
from tare.optimize.project import Workplace
from tare.schema.quantity import Quantity, measured, unknown
from tare.schema.run import StepTiming

Seen = dict[int, tuple[Literal["hit", "miss"], Quantity]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: `edited` files get another line, `since` is where the files before come from, and with `base` every
    base image gets another layer."""

    before: BuildState
    after: BuildState
    edited: tuple[str, ...]
    since: str | None
    base: bool


def tried(place: Workplace, trial: Trial, engine: Engine, network: str | None, on_event: EventSink) -> Seen:
    """By the start of each instruction: what the engine did with it after the change, and its seconds: of the second
    build where it ran again, else of the first, which takes nothing from the cache."""
    tag = f"tare-cache:{secrets.token_hex(6)}"
    with ExitStack() as stack:
        now = stack.enter_context(private_copy(place.root))
        then = now
        if trial.since is not None:
            then = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tare-since-"))) / "context"
            lay_out(place.root, trial.since, then)
        stack.callback(engine.remove, tag)

        def build(
            root: Path, text: str, arguments: Mapping[str, str], *, fresh: bool
        ) -> Sequence[StepTiming]:
            ignore = place.context.ignore_text
            request = BuildRequest(root, text, ignore, tag, arguments, network=network, no_cache=fresh)
            return engine.build(request, on_event).steps

        on_event(Event("stage", "building the state before the change"))
        first = build(then, trial.before.document.text, trial.before.build_args, fresh=True)
        # Where a step has two equal images in the store, Buildah may choose the older one: this builds on that one.
        build(then, trial.before.document.text, trial.before.build_args, fresh=False)
        text = place.text
        if trial.base:
            text = stack.enter_context(_other_bases(trial.after, engine, network, on_event))
        on_event(Event("stage", "building it after the change"))
        with _all_changed(now, trial.edited):
            second = build(now, text, trial.after.build_args, fresh=False)
    every = engine.name == "docker-classic"
    nodes = layer_instructions(place.dockerfile, every=every)
    cold = _by_text(trial.before.document, first, every=every)
    seen: Seen = {}
    for node, step in zip(nodes, matched(place.dockerfile, second, every=every), strict=True):
        if step is None:
            continue
        elapsed = cold.get(node.original) if step.cached else step.elapsed_s
        taken = unknown("the engine did not say") if elapsed is None else measured(elapsed, engine.name)
        seen[node.span.start] = ("hit" if step.cached else "miss", taken)
    return seen


def _by_text(document: Dockerfile, steps: Sequence[StepTiming], *, every: bool) -> dict[str, float]:
    nodes = layer_instructions(document, every=every)
    return {
        node.original: step.elapsed_s
        for node, step in zip(nodes, matched(document, steps, every=every), strict=True)
        if step is not None and step.elapsed_s is not None
    }


@contextmanager
def _other_bases(
    state: BuildState, engine: Engine, network: str | None, on_event: EventSink
) -> Iterator[str]:
    """The Dockerfile on bases that are the same but for one more layer."""
    document = state.document
    values = global_values(document.global_args, document.escape, state.build_args)
    made: dict[str, str] = {}
    edits: list[Edit] = []
    try:
        for stage in document.stages:
            name = expand_known(stage.base_raw, values, document.escape)
            if stage.parent is not None or name == "scratch":
                continue
            if name not in made:
                made[name] = f"tare-cache-base:{secrets.token_hex(6)}"
                on_event(Event("stage", f"making another {name}"))
                with tempfile.TemporaryDirectory(prefix="tare-base-") as folder:
                    (Path(folder) / "changed").write_text(made[name])
                    text = f"FROM {name}\nCOPY changed /.tare-base-changed\n"
                    engine.build(
                        BuildRequest(Path(folder), text, None, made[name], network=network), on_event
                    )
            edits.append(Edit(stage.from_.as_from().image_span, made[name]))
        yield apply_edits(document.text, edits)
    finally:
        for name in made.values():
            engine.remove(name)


@contextmanager
def _all_changed(root: Path, paths: Sequence[str]) -> Iterator[None]:
    for path in paths:
        with (root / path).open("ab") as handle:
            handle.write(COMMENT.encode())
    yield
