"""How long builds take: cold, after a change of the source, after a change of the requirements, after none.

The context is copied first: the user's files are never touched. `cold` takes no layer from the cache, and leaves cache
mounts out: for a build it is the same as finding them empty. Rebuilds find what the builds before left in them.
"""

import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tare.build.engine import BuildRequest, Engine
from tare.core.errors import BuildError
from tare.core.events import Event, EventSink
from tare.core.text import Edit, apply_edits
from tare.dockerfile import parse
from tare.schema.run import BuildResult, Timings

COMMENT = "\n# changed by tare to measure a rebuild\n"


def measure(
    engine: Engine, request: BuildRequest, source: str | None, requirements: str | None, on_event: EventSink
) -> tuple[BuildResult, Timings]:
    """Build from nothing, then rebuild after each change. `source` and `requirements` are paths in the context, of
    files in which `#` begins a comment.

    Raises `BuildError` when the first build fails. A rebuild that fails counts as not measured.
    """
    with private_copy(request.context) as context:
        request = replace(request, context=context)
        on_event(Event("stage", f"cold build of {request.tag}"))
        engine.remove(request.tag)
        cold = replace(request, dockerfile=without_caches(request.dockerfile), no_cache=True)
        result = engine.build(cold, on_event)
        if source is None and requirements is None and cold.dockerfile == request.dockerfile:
            return result, Timings(result.elapsed_s, None, None)
        engine.build(request, on_event)
        same = engine.build(request, on_event).elapsed_s
        rebuilt: dict[str, float | None] = {}
        for name, path in (("source", source), ("requirements", requirements)):
            rebuilt[name] = None
            if path is None:
                continue
            on_event(Event("stage", f"rebuild of {request.tag}, {name} changed"))
            try:
                with _changed(context / path):
                    rebuilt[name] = engine.build(
                        replace(request, tag=f"{request.tag}-{name}"), on_event
                    ).elapsed_s
            except (BuildError, OSError) as error:
                on_event(Event("warning", f"not measured: {error}"))
            finally:
                engine.remove(f"{request.tag}-{name}")
    return result, Timings(result.elapsed_s, rebuilt["source"], rebuilt["requirements"], same)


def without_caches(text: str) -> str:
    """A Dockerfile without its cache mounts, except those that begin with the files of an image or a stage."""
    edits = []
    for instruction in parse(text).instructions:
        for flag in instruction.flags if instruction.keyword == "RUN" else ():
            fields = dict(field.partition("=")[::2] for field in (flag.value or "").split(","))
            if flag.name == "mount" and fields.get("type") == "cache" and "from" not in fields:
                edits.append(Edit(flag.span, ""))
    return apply_edits(text, edits)


@contextmanager
def private_copy(root: Path) -> Iterator[Path]:
    """A copy of a directory, links kept as links, without sockets, devices and what cannot be read."""
    parent = Path(tempfile.mkdtemp(prefix="tare-context-"))
    try:
        target = parent / "context"
        shutil.copytree(root, target, symlinks=True, ignore=_special, ignore_dangling_symlinks=True)
        yield target
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def _special(directory: str, names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        try:
            mode = (Path(directory) / name).lstat().st_mode
        except OSError:
            found.append(name)
            continue
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            found.append(name)
    return found


@contextmanager
def _changed(path: Path) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(before + COMMENT.encode())
    try:
        yield
    finally:
        path.write_bytes(before)
