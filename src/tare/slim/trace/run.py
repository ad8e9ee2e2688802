"""Workloads in an image under a tracer: its own start with the probes, then each command in a container of its own."""

import shlex
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from tare.build.engine import Container, Engine
from tare.core.errors import EngineError, VerificationError
from tare.core.events import Event, EventSink
from tare.image.mutate import Draft
from tare.slim.trace.log import Seen, read_log
from tare.slim.trace.tracer import LOGS, Tracer
from tare.verify import VerifySettings
from tare.verify.checks import Subject
from tare.verify.observe import observe

WORKLOAD_S = 1800.0


@dataclass(frozen=True, slots=True)
class Traced:
    """What all workloads together were seen to use. `workloads` names them with what they saw."""

    seen: Seen
    workloads: tuple[tuple[str, int], ...]


def traced_draft(draft: Draft, tracer: Tracer) -> Draft:
    """The draft's configuration with the tracer before its start; its layers must hold the tracer's files."""
    config = msgspec.json.decode(msgspec.json.encode(draft.config))
    run = config.get("config") or {}
    start = [*(run.get("Entrypoint") or ()), *(run.get("Cmd") or ())]
    run |= {"Entrypoint": list(tracer.words), "Cmd": start}
    config["config"] = run
    return replace(draft, config=config)


def trace_workloads(
    engine: Engine,
    name: str,
    subject: Subject,
    settings: VerifySettings,
    workdir: str,
    has_shell: bool,
    on_event: EventSink,
) -> Traced:
    """Run the start with all probes, then every command. Raises `VerificationError` for a command that fails or does not
    end: what it would need could not be seen."""
    seen = Seen()
    counts: list[tuple[str, int]] = []

    def collect(label: str, container: Container) -> None:
        found = _log(container, workdir)
        if not found.processes:
            raise EngineError(
                "the tracer saw nothing: containers may not use ptrace here",
                detail=container.logs().stderr[-400:],
                hint="allow SYS_PTRACE (a seccomp profile forbids it), or use --level reach",
            )
        counts.append((label, len(found.paths - seen.paths)))
        seen.add(found, label)

    on_event(Event("stage", "Tracing the start"))
    asked = msgspec.structs.replace(settings, imports=(), commands=(), abilities=False)
    seen_start = observe(
        engine, name, settings.port or subject.port, asked, health=subject.healthcheck, on_event=on_event,
        at_end=lambda container: collect("the image's start", container),
    )  # fmt: skip
    for probe, reply in zip(settings.probes, seen_start.replies, strict=False):
        if reply.error:
            raise VerificationError(
                f"{probe.method} {probe.path} has no answer under the tracer: {reply.error}"
            )
    for line in settings.commands:
        on_event(Event("stage", f"Tracing {line[:60]}"))
        words = ["/bin/sh", "-c", line] if has_shell else shlex.split(line)
        container = engine.start(
            name, command=words, user=settings.user, env=settings.env, network=settings.network
        )
        try:
            code = _end(container)
            if code != 0:
                output = container.logs()
                how = (
                    f"does not end within {WORKLOAD_S:g} s" if code is None else f"ends with exit code {code}"
                )
                raise VerificationError(
                    f"the workload {line!r} {how} in the image before",
                    detail=(output.stdout + output.stderr)[-600:],
                    hint="a trace can only tell what workloads need that work",
                )
            collect(line, container)
        finally:
            container.remove()
    return Traced(seen, tuple(counts))


def _end(container: Container) -> int | None:
    deadline = time.monotonic() + WORKLOAD_S
    while time.monotonic() < deadline:
        code = container.exit_code()
        if code is not None:
            return code
        time.sleep(0.5)
    return None


def _log(container: Container, workdir: str) -> Seen:
    with tempfile.TemporaryDirectory(prefix="tare-trace-") as folder:
        target = Path(folder, "log")
        container.copy(f"{LOGS}/trace", target)
        if not target.is_file():
            return Seen()
        with target.open(encoding="utf-8", errors="surrogateescape") as lines:
            return read_log(lines, workdir)
