"""Docker's classic builder, which was the only one before BuildKit and still is where the client has no plug-in for it."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tare.build.commandline import hidden_in
from tare.build.docker import Docker, any_client, build_error
from tare.build.engine import BuildRequest, Capabilities
from tare.build.measure import private_copy
from tare.build.process import watch
from tare.core.errors import EngineError
from tare.core.events import Event, EventSink
from tare.schema.run import BuildResult, StepTiming

DOCKERFILE = ".tare.Dockerfile"
STEP = re.compile(r"^Step (\d+)/(\d+) : (.*)$")


@dataclass(frozen=True, slots=True)
class DockerClassic(Docker):
    """The Docker engine with `DOCKER_BUILDKIT=0`."""

    name: str = "docker-classic"

    @property
    def capabilities(self) -> Capabilities:
        """None of BuildKit's: neither mounts nor heredocs. All stages up to the last are built, wanted or not."""
        return Capabilities(
            cache_mounts=False, cache_locks=False, stage_copies_cached=False, secrets=False, heredocs=False
        )

    def build(self, request: BuildRequest, on_event: EventSink) -> BuildResult:
        """See `engine.Engine`. Raises `EngineError` for secrets, which this builder could only leak."""
        if request.secrets:
            raise EngineError("the classic builder has no secrets", hint="install docker-buildx-plugin")
        lines: list[str] = []
        steps: list[tuple[float, str]] = []
        found: set[int] = set()

        def take(line: str) -> None:
            lines.append(line)
            step = STEP.match(line)
            if step:
                steps.append((time.monotonic(), step[3]))
            elif line.strip() == "---> Using cache":
                found.add(len(steps) - 1)
            on_event(Event("step" if step else "detail", step[3] if step else line))

        with _context(request) as context:
            words = [self.client, "build", "-f", str(context / DOCKERFILE), "-t", request.tag]
            words += [f"--network={request.network}"] if request.network else []
            words += ["--no-cache"] if request.no_cache else []
            for key in request.build_args:
                words += ["--build-arg", key]
            started = time.monotonic()
            result = watch(
                [*words, str(context)],
                env={"DOCKER_BUILDKIT": "0", **request.build_args},
                timeout_s=request.timeout_s,
                on_line=hidden_in(request, take),
            )
            ended = time.monotonic()
        tail = "\n".join(lines[-60:])
        if result.returncode != 0:
            raise build_error(tail, result.timed_out, request)
        ends = [at for at, _ in steps[1:]] + [ended]
        timings = tuple(
            StepTiming(text, index in found, end - at)
            for index, ((at, text), end) in enumerate(zip(steps, ends, strict=True))
        )
        return BuildResult(request.tag, ended - started, timings, tail)


@contextmanager
def _context(request: BuildRequest) -> Iterator[Path]:
    """A copy of the context with the Dockerfile and the ignore file that are asked for.

    This builder reads only the ignore file at the root. And a Dockerfile from elsewhere is sent by the client under a
    random name, which it adds to that ignore file: `COPY .` then never finds itself in the cache.
    """
    with private_copy(request.context) as copy:
        lines = [] if request.dockerignore is None else [request.dockerignore]
        lines += [DOCKERFILE] if (copy / ".dockerignore").is_file() else [DOCKERFILE, ".dockerignore"]
        (copy / ".dockerignore").write_text("\n".join(lines) + "\n", errors="surrogateescape")
        (copy / DOCKERFILE).write_bytes(request.dockerfile.encode())
        yield copy


def find(environ: Mapping[str, str]) -> DockerClassic:
    """Any client that reaches its daemon. Raises `EngineError` with what to do."""
    client, version = any_client(environ)
    return DockerClassic(client, version)
