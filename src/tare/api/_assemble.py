"""`tare assemble` as a function."""

import posixpath
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tare import __version__
from tare.build.assemble import Application, Placed
from tare.build.assemble import assemble as put_together
from tare.build.assemble.base import read_base
from tare.context.ignore import IgnoreRules, parse_ignore
from tare.context.usage import Use, find_uses
from tare.core.errors import UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.dockerfile import Dockerfile, Instruction, parse
from tare.dockerfile.stages import StageState, effective
from tare.image import open_image
from tare.image.access import access_from_environment
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.destination import Destination, parse_destination
from tare.image.layer_store import LayerStore
from tare.image.mutate import KeptLayer
from tare.image.reference import Transport, parse_name, parse_reference
from tare.image.sources.docker_engine import DEFAULT_HOST
from tare.image.write import WriteSettings, write_image
from tare.knowledge.index_settings import index_settings_from_pip
from tare.knowledge.requirement_lines import flatten
from tare.optimize import read_workplace
from tare.optimize.project import Workplace
from tare.rewrite.anatomy import Part, run_step
from tare.rewrite.engine import rewrite
from tare.rewrite.facts import RewriteSettings
from tare.rewrite.registry import TRANSFORMS
from tare.schema.assemble import AssembledLayer, AssembleReport
from tare.schema.quantity import measured, unknown

LARGEST_EPOCH = 253_402_300_799
TOOLS = frozenset({"pip", "setuptools", "wheel", "uv", "poetry", "pipenv"})
ACCOUNTS = frozenset({"groupadd", "useradd", "adduser", "addgroup", "install", "mkdir", "chown"})
"""What makes the user and what belongs to it: the assembled image has both of its own accord."""
DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)")
TIMING = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
    "retries": "Retries",
}


@dataclass(frozen=True, slots=True)
class AssembleOptions:
    """Choices for one run. What is not given comes from the Dockerfile, as `tare optimize` would write it.

    `skip`: leave out steps that need an engine, and say so, instead of refusing. `fresh`: resolve the requirements anew,
    though the same ones were locked before. `insecure`: registries may be without verified TLS.
    """

    requirements: tuple[Path, ...] = ()
    cmd: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    user: str | None = None
    workdir: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    skip: bool = False
    fresh: bool = False
    insecure: bool = False
    cache: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


def assemble(
    path: Path,
    base: str | None,
    output: str,
    *,
    options: AssembleOptions,
    compression: Compression,
    settings: RewriteSettings,
    on_event: EventSink = null_sink,
) -> AssembleReport:
    """Make an image of `base`, the project's requirements as wheels, and its files, and write it to `output`.

    Raises `UsageError` where the project asks for what only an engine can do, and `TareError` of what it reads.
    """
    started = time.monotonic()
    destination = parse_destination(output)
    place = read_workplace(path, None, settings)
    plan = parse(rewrite(place.text, place.facts, TRANSFORMS, path=str(place.dockerfile_path)).text)
    left_out = _beyond(plan)
    if left_out and not options.skip:
        raise UsageError(
            "some steps need an engine: " + "; ".join(left_out),
            where=str(place.dockerfile_path),
            hint="build with an engine, or leave them out with --skip-steps if the application does not need them",
        )
    application = _application(place, plan, options)
    files = [path.resolve() for path in options.requirements] or [
        place.root / found.path for found in place.project.requirement_files if _installed(place, found.path)
    ]
    lines = (
        [line.text for line in place.project.pyproject.dependencies]
        if not files and place.project.pyproject
        else []
    )
    index = index_settings_from_pip(options.environ)
    flat = flatten(files, [*lines, *_named(place)], settings=index, folder=place.root)
    if not flat.requirements and not application.files:
        raise UsageError("there is nothing to put into the image", where=str(path))
    reference = base or plan.final.base
    cache = options.cache or _cache(options.environ)
    access = access_from_environment(options.environ, insecure=options.insecure)
    with ExitStack() as stack:
        on_event(Event("stage", f"reading {reference}"))
        image = stack.enter_context(
            open_image(
                reference,
                platform=options.platform,
                docker_host=options.environ.get("DOCKER_HOST"),
                access=access,
                on_event=on_event,
            )
        )
        facts = read_base(image, cache / "bases", on_event)
        on_event(Event("stage", "packages"))
        done = put_together(
            image,
            facts,
            flat,
            application,
            cache=cache,
            environ=options.environ,
            fresh=options.fresh,
            on_event=on_event,
        )
        contents = stack.enter_context(Contents(done.draft.analysis, facts.plain_bytes))
        host = options.environ.get("DOCKER_HOST") or DEFAULT_HOST
        written = write_image(
            [(done.draft, contents)],
            destination,
            WriteSettings(
                compression,
                created=_created(options.environ),
                docker_host=host,
                store=LayerStore(cache / "layers"),
                access=access,
                beside=_beside(reference, destination),
            ),
            on_event=on_event,
        )
    stored = written.compressed_bytes is not None
    layers = tuple(
        AssembledLayer(
            layer.created_by.removeprefix("tare assemble: "),
            blob.digest,
            blob.size_bytes if stored else None,
            blob.plain_bytes,
        )
        for layer, blob in zip(done.draft.layers, written.layers, strict=True)
        if not isinstance(layer, KeptLayer)
    )
    return AssembleReport(
        verb="assemble",
        tool_version=__version__,
        path=str(path),
        base=reference,
        destination=str(destination),
        digest=written.digest,
        python_version=done.interpreter.target.python_version,
        packages=tuple(f"{wheel.name}=={wheel.version}" for wheel in done.wheels),
        layers=layers,
        size_bytes=sum(blob.plain_bytes for blob in written.layers),
        compressed_bytes=measured(written.compressed_bytes, "blobs as written")
        if written.compressed_bytes is not None
        else unknown("this destination stores layers uncompressed"),
        elapsed_s=measured(time.monotonic() - started, "wall clock"),
        left_out=left_out,
        reused_lock=done.reused_lock,
    )


def _beside(base: str, destination: Destination) -> str | None:
    """The base's repository, where it lies in the registry that the image goes to."""
    reference = parse_reference(base)
    if destination.transport is not Transport.REGISTRY or reference.transport is not Transport.REGISTRY:
        return None
    source, target = parse_name(str(reference).removeprefix("docker://")), parse_name(destination.name)
    return source.repository if source.domain == target.domain else None


def _cache(environ: Mapping[str, str]) -> Path:
    root = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME", "/root")) / ".cache")
    return Path(root) / "tare"


def _created(environ: Mapping[str, str]) -> str | None:
    epoch = environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return None
    if not epoch.isdigit() or int(epoch) > LARGEST_EPOCH:
        raise UsageError(f"SOURCE_DATE_EPOCH is no number of seconds: {epoch!r}")
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(epoch)))


def _beyond(plan: Dockerfile) -> tuple[str, ...]:
    """Steps of the final stage (and the stages below it) that neither wheels nor copies can stand for. They are named by
    their text: `plan` has lines of its own, not those of the file."""
    found = []
    stage = plan.final
    while stage.parent is not None:
        found.append(f"`{stage.from_.value}` starts from another stage")
        stage = plan.stages[stage.parent]
    for node in plan.final.instructions:
        if node.keyword == "RUN" and not _expressible(plan, node):
            found.append(f"`RUN {' '.join(node.value.split())[:60]}`")
        elif node.keyword in ("COPY", "ADD") and not _copied(plan, node):
            found.append(f"`{node.keyword} {node.value}` copies from elsewhere")
    return tuple(found)


def _expressible(plan: Dockerfile, node: Instruction) -> bool:
    """Whether a RUN installs Python packages, makes the user, or cleans up: what assembling does by itself."""
    step = run_step(plan.final, node)
    if step.script is None:
        return False
    return all(
        part in (Part.PYTHON, Part.CLEAN)
        or command.name in ACCOUNTS
        or [word.text for word in command.argv[1:3]] == ["-m", "venv"]
        for command, part in zip(step.script.commands, step.parts, strict=True)
    )


def _copied(plan: Dockerfile, node: Instruction) -> bool:
    """Whether a COPY takes files of the context, or the environment that a builder stage made."""
    copy = node.as_copy()
    if copy.heredocs or any("://" in source for source in copy.sources):
        return False
    if copy.from_ is None:
        return node.keyword == "COPY"
    return copy.sources == (copy.dest,) and "venv" in copy.dest


def _named(place: Workplace) -> list[str]:
    """Requirements that steps name on the command line."""
    named: list[str] = []
    for stage in place.dockerfile.stages:
        for node in stage.instructions:
            if node.keyword == "RUN":
                for typed in run_step(stage, node).typed:
                    words = getattr(typed, "requirements", ())
                    named += [word.text for word in words if typed is not None and "install" in typed.action]
    return [
        word
        for word in named
        if not word.startswith((".", "/", "-")) and "$" not in word and word not in TOOLS
    ]


def _installed(place: Workplace, path: str) -> bool:
    """Whether a step of the Dockerfile installs this requirements file itself."""
    for stage in place.dockerfile.stages:
        for node in stage.instructions:
            if node.keyword == "RUN":
                for typed in run_step(stage, node).typed:
                    words = getattr(typed, "requirement_files", ())
                    if any(word.text.endswith(posixpath.basename(path)) for word in words):
                        return True
    return False


def _application(place: Workplace, plan: Dockerfile, options: AssembleOptions) -> Application:
    state = effective(plan, plan.final)
    uses = [
        use for use in find_uses(plan) if any(use.instruction is node for node in plan.final.instructions)
    ]
    files: list[Placed] = []
    rules = parse_ignore(place.proposed_ignore)
    for use in uses:
        if not use.mount:
            here = effective(plan, plan.final, before=use.instruction)
            files += _placed(place, use, here, rules)
    return Application(
        files=tuple(files),
        entrypoint=options.entrypoint if options.entrypoint is not None else state.entrypoint,
        cmd=options.cmd if options.cmd is not None else state.cmd,
        user=options.user or state.user or "10001:10001",
        workdir=options.workdir or state.workdir,
        env={**state.env, **options.env},
        labels=state.labels,
        exposed=state.exposed,
        volumes=state.volumes,
        healthcheck=state.healthcheck,
        healthcheck_timing=_timing(plan),
    )


def _timing(plan: Dockerfile) -> dict[str, int]:
    """The options of the last HEALTHCHECK as the configuration has them: nanoseconds, and a count."""
    checks = [node for node in plan.final.instructions if node.keyword == "HEALTHCHECK"]
    found: dict[str, int] = {}
    for flag in checks[-1].flags if checks else ():
        key = TIMING.get(flag.name)
        if key is not None and flag.value:
            found[key] = int(flag.value) if flag.name == "retries" else round(_seconds(flag.value) * 1e9)
    return found


def _seconds(text: str) -> float:
    """A Go duration such as `1m30s` or `1.5s` in seconds."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
    return sum(float(number) * units[unit] for number, unit in DURATION.findall(text))


def _placed(place: Workplace, use: Use, here: StageState, rules: IgnoreRules) -> list[Placed]:
    """Where the files of one COPY source go (Dockerfile reference, COPY)."""
    copy = use.instruction.as_copy()
    target = posixpath.normpath(posixpath.join("/", here.workdir or "/", copy.dest)).lstrip("/")
    into = copy.dest.endswith(("/", ".")) or len(copy.sources) > 1 or use.wildcard
    found: list[Placed] = []
    for entry in place.context.sent:
        if not use.takes(entry.path) or rules.excluded(entry.path):
            continue
        source = place.context.by_path.get(use.source)
        if use.source == ".":
            name = entry.path
        elif use.wildcard:
            name = posixpath.basename(entry.path)
        elif source is not None and source.kind == "directory":
            name = entry.path.removeprefix(use.source).lstrip("/")
        else:
            name = posixpath.basename(entry.path) if into else ""
        path = f"{target}/{name}".strip("/") if name else target
        if path:
            found.append(
                Placed(path, entry.kind, entry.mode, place.context.root / entry.path, entry.target or "")
            )
    return found
