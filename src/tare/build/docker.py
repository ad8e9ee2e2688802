"""Docker with BuildKit, through the client that has a builder."""

import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tare.build.commandline import NO_SPACE, configuration, create, hidden_in, run_once, save, staged
from tare.build.engine import BuildRequest, Capabilities, Container
from tare.build.process import Answer, ask, watch
from tare.core.errors import BuildError, EngineError
from tare.core.events import Event, EventSink
from tare.dockerfile import parse
from tare.schema.run import BuildResult, StepTiming

STEP = re.compile(r"^#(\d+) \[(.+?)\] (.*)$")
DONE = re.compile(r"^#(\d+) DONE (\d+(?:\.\d+)?)s$")
CACHED = re.compile(r"^#(\d+) CACHED$")
NEW_FRONTEND = (23, 0)
FRONTEND_MISSING = re.compile(
    r"resolve image config for \S*docker/dockerfile\S*(?:(?!\n#\d+ \[).)*ERROR", re.DOTALL
)
FRONTEND = "docker/dockerfile:"


@dataclass(frozen=True, slots=True)
class Docker:
    """The Docker engine. `client` is the path of a client that can build."""

    client: str
    version: str
    name: str = "docker"

    @property
    def capabilities(self) -> Capabilities:
        """BuildKit has cache mounts and secrets from 18.09 on; heredocs came with the built-in front end of 23.0."""
        numbers = tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])
        return Capabilities(
            cache_mounts=True,
            cache_locks=True,
            stage_copies_cached=True,
            secrets=True,
            heredocs=numbers >= NEW_FRONTEND,
        )

    def build(self, request: BuildRequest, on_event: EventSink) -> BuildResult:
        """See `engine.Engine`. Where the front end of a `# syntax=` line cannot be fetched, the engine's own builds."""
        try:
            return self._build(request, on_event)
        except BuildError as error:
            plain = with_own_frontend(request.dockerfile)
            if plain is None or FRONTEND_MISSING.search(error.detail or "") is None:
                raise
        on_event(
            Event(
                "warning",
                "the front end that the syntax line names cannot be fetched: built with Docker's own",
            )
        )
        return self._build(replace(request, dockerfile=plain), on_event)

    def _build(self, request: BuildRequest, on_event: EventSink) -> BuildResult:
        log = _BuildLog(on_event)
        with staged(request) as (dockerfile, secrets):
            words = [self.client, "build", "--progress=plain", "-f", str(dockerfile), "-t", request.tag]
            words += [f"--network={request.network}"] if request.network else []
            words += ["--no-cache"] if request.no_cache else []
            for key in request.build_args:
                words += ["--build-arg", key]
            for name, path in secrets.items():
                words += ["--secret", f"id={name},src={path}"]
            started = time.monotonic()
            result = watch(
                [*words, str(request.context)],
                env={"DOCKER_BUILDKIT": "1", **request.build_args},
                timeout_s=request.timeout_s,
                on_line=hidden_in(request, log.line),
            )
            elapsed = time.monotonic() - started
        if result.returncode != 0:
            raise build_error(log.tail(), result.timed_out, request)
        return BuildResult(request.tag, elapsed, tuple(log.steps()), log.tail())

    def start(
        self,
        image: str,
        *,
        command: Sequence[str] | None = None,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        network: str = "none",
    ) -> Container:
        """See `engine.Engine`."""
        flags = ("--health-interval=2s", "--health-start-period=0s") if self._has_health(image) else ()
        return create((self.client,), flags, image, command, user, env, network)

    def run(
        self,
        image: str,
        command: Sequence[str],
        *,
        user: str | None = None,
        stdin: str | None = None,
        timeout_s: float = 120.0,
    ) -> Answer:
        """See `engine.Engine`."""
        return run_once((self.client,), (), image, command, user, stdin, timeout_s)

    def configuration(self, image: str) -> Mapping[str, object]:
        """See `engine.Engine`."""
        return configuration((self.client,), image)

    def export(self, image: str, target: Path) -> None:
        """See `engine.Engine`."""
        save((self.client,), (), image, target)

    def remove(self, image: str) -> None:
        """See `engine.Engine`."""
        ask([self.client, "rmi", "-f", image])

    def _has_health(self, image: str) -> bool:
        answer = ask([self.client, "inspect", "--format", "{{if .Config.Healthcheck}}yes{{end}}", image])
        return answer.stdout.strip() == "yes"


def find(environ: Mapping[str, str]) -> Docker:
    """A client that has a builder and reaches its daemon. Raises `EngineError` with what to do."""
    clients = _clients(environ)
    if not clients:
        raise EngineError(
            "there is no docker client on PATH", hint="install Docker, or use --builder buildah"
        )
    trouble = ""
    for client in clients:
        version = ask([client, "version", "--format", "{{.Server.Version}}"], timeout_s=20)
        if version.returncode != 0:
            trouble = version.stderr.strip()
            continue
        server = version.stdout.strip()
        buildx = ask([client, "buildx", "version"], timeout_s=20).returncode == 0
        own = ask([client, "version", "--format", "{{.Client.Version}}"], timeout_s=20).stdout.strip()
        if buildx or int(own.partition(".")[0] or 0) < NEW_FRONTEND[0]:
            return Docker(client, server)
        trouble = f"{client} {own} has no builder plug-in (docker-buildx)"
    if "permission denied" in trouble.lower():
        raise EngineError(
            "the Docker daemon refuses this user", detail=trouble, hint="join the group docker, or use sudo"
        )
    if "plug-in" in trouble:
        raise EngineError(trouble, hint="install docker-buildx-plugin")
    raise EngineError(
        "the Docker daemon does not answer", detail=trouble, hint="start it, or use --builder none"
    )


def any_client(environ: Mapping[str, str]) -> tuple[str, str]:
    """The first client that reaches a daemon, and the daemon's version. Raises `EngineError` with what to do."""
    trouble = "there is no docker client on PATH"
    for client in _clients(environ):
        version = ask([client, "version", "--format", "{{.Server.Version}}"], timeout_s=20)
        if version.returncode == 0:
            return client, version.stdout.strip()
        trouble = version.stderr.strip()
    raise EngineError("the Docker daemon does not answer", detail=trouble, hint="start it")


def _clients(environ: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for directory in environ.get("PATH", os.defpath).split(os.pathsep):
        path = shutil.which("docker", path=directory)
        if path and path not in found:
            found.append(path)
    return found


def with_own_frontend(text: str) -> str | None:
    """A Dockerfile without its `# syntax=` line, as long as that names a release of BuildKit's own front end; None where
    there is none. Lines keep their numbers."""
    directives = parse(text).directives
    directive = next((one for one in directives if one.name == "syntax"), None)
    if directive is None or not directive.value.removeprefix("docker.io/").startswith(FRONTEND):
        return None
    start, end = _line(text, directive.span.start)
    last = max(_line(text, one.span.start)[1] for one in directives)
    ending = "\r\n" if text[:end].endswith("\r\n") else "\n"
    return text[:start] + text[end:last] + "#" + ending + text[last:]


def _line(text: str, at: int) -> tuple[int, int]:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end + 1


def build_error(log: str, timed_out: bool, request: BuildRequest) -> BuildError | EngineError:
    """What went wrong, out of the end of the log."""
    if NO_SPACE in log.lower():
        return EngineError(
            "the engine's disk is full", detail=log[-2000:], hint="prune build caches and unused images"
        )
    message = f"the build took longer than {request.timeout_s:.0f} s" if timed_out else "the build failed"
    return BuildError(message, where=request.tag, detail=log[-4000:])


class _BuildLog:
    """BuildKit's plain progress, as events and step timings."""

    def __init__(self, on_event: EventSink) -> None:
        self._on_event = on_event
        self._names: dict[str, str] = {}
        self._elapsed: dict[str, float] = {}
        self._cached: set[str] = set()
        self._lines: list[str] = []

    def line(self, line: str) -> None:
        """Take one line."""
        self._lines.append(line)
        if step := STEP.match(line):
            if step[1] not in self._names:
                self._names[step[1]] = f"[{step[2]}] {step[3]}"
                self._on_event(Event("step", self._names[step[1]]))
        elif done := DONE.match(line):
            self._elapsed[done[1]] = float(done[2])
        elif cached := CACHED.match(line):
            self._cached.add(cached[1])
        elif line:
            self._on_event(Event("detail", line))

    def steps(self) -> list[StepTiming]:
        """The steps in the order in which they began."""
        return [
            StepTiming(name, key in self._cached, self._elapsed.get(key)) for key, name in self._names.items()
        ]

    def tail(self) -> str:
        """The end of the log."""
        return "\n".join(self._lines[-60:])
