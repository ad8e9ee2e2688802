"""Commits built for real, one after the other, under one Dockerfile: what each took, and what came from the cache."""

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tare.build.cachehistory import Commit
from tare.build.cachetrial import layer_instructions, matched
from tare.build.engine import BuildRequest, Engine
from tare.build.git import has_parent, lay_out
from tare.core.errors import BuildError
from tare.core.events import Event, EventSink
from tare.core.text import Edit, Span, apply_edits
from tare.dockerfile import Dockerfile, parse
from tare.schema.run import BuildResult

SALT = ".tare-replay"


@dataclass(frozen=True, slots=True)
class BuiltCommit:
    """One commit. `elapsed_s` and `hits` (a step each, None where the engine did not name it) are None when it could not
    be built."""

    identity: str
    elapsed_s: float | None
    hits: tuple[bool | None, ...] | None


@dataclass(frozen=True, slots=True)
class Replaying:
    """`seconds` has what each step took when everything was built, by its text."""

    seconds: Mapping[str, float]
    commits: tuple[BuiltCommit, ...]


def with_history(root: Path, commits: Sequence[Commit], count: int) -> tuple[Commit, ...]:
    """The last `count` commits that changed something of the context and have a commit before them."""
    found = [commit for commit in commits if commit.paths]
    if found and not has_parent(root, found[0].identity):
        found = found[1:]
    return tuple(found[len(found) - min(count, len(found)) :])


def build_commits(
    root: Path,
    text: str,
    ignore: str | None,
    commits: Sequence[Commit],
    engine: Engine,
    *,
    build_args: Mapping[str, str],
    network: str | None,
    on_event: EventSink,
) -> Replaying:
    """Build the state before the first commit from nothing, then every commit on what the one before it left.

    A file of its own, copied above everything else, keeps other builds of the same files out of the cache. Raises
    `BuildError` when the state before the first commit cannot be built.
    """
    salted = _salted(parse(text))
    document = parse(salted)
    tag = f"tare-replay:{secrets.token_hex(6)}"
    rules = f"{ignore or ''}\n!{SALT}\n"
    built: list[BuiltCommit] = []
    with tempfile.TemporaryDirectory(prefix="tare-replay-") as scratch:
        tree = Path(scratch) / "context"

        def build(revision: str, *, no_cache: bool) -> BuildResult:
            lay_out(root, revision, tree)
            (tree / SALT).write_text(tag)
            request = BuildRequest(tree, salted, rules, tag, build_args, network=network, no_cache=no_cache)
            return engine.build(request, on_event)

        try:
            on_event(Event("stage", f"building what was before {commits[0].identity[:10]}"))
            first = build(f"{commits[0].identity}^", no_cache=True)
            build(
                f"{commits[0].identity}^", no_cache=False
            )  # Buildah may build on an older one of two equal images
            for commit in commits:
                on_event(Event("stage", f"building {commit.identity[:10]}"))
                try:
                    done = build(commit.identity, no_cache=False)
                except BuildError as error:
                    on_event(Event("warning", f"{commit.identity[:10]} cannot be built: {error}"))
                    built.append(BuiltCommit(commit.identity, None, None))
                    continue
                built.append(BuiltCommit(commit.identity, done.elapsed_s, _hits(document, done)))
        finally:
            engine.remove(tag)
    return Replaying(_seconds(document, first), tuple(built))


def _salted(document: Dockerfile) -> str:
    edits = []
    for stage in document.stages:
        if stage.parent is None:
            end = document.text.find("\n", stage.from_.span.end)
            at = len(document.text) if end < 0 else end + 1
            start = "" if end >= 0 else document.newline
            edits.append(Edit(Span(at, at), f"{start}COPY {SALT} /{SALT}{document.newline}"))
    return apply_edits(document.text, edits)


def _hits(document: Dockerfile, result: BuildResult) -> tuple[bool | None, ...]:
    return tuple(
        None if step is None else step.cached
        for node, step in zip(layer_instructions(document), matched(document, result.steps), strict=True)
        if SALT not in node.value
    )


def _seconds(document: Dockerfile, result: BuildResult) -> dict[str, float]:
    return {
        " ".join(node.original.split()): step.elapsed_s
        for node, step in zip(layer_instructions(document), matched(document, result.steps), strict=True)
        if step is not None and step.elapsed_s is not None
    }
