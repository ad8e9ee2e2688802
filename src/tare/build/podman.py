"""Buildah and Podman: two builders over one store; containers run through Podman."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tare.build.commandline import configuration, create, hidden_in, run_once, save, staged
from tare.build.docker import build_error
from tare.build.engine import BuildRequest, Capabilities, Container
from tare.build.process import Answer, ask, watch
from tare.core.errors import EngineError
from tare.core.events import Event, EventSink
from tare.schema.run import BuildResult, StepTiming

STEP = re.compile(r"^(?:\[[^\]]+\] )?STEP (\d+)/(\d+): (.*)$")
HALF_WRITTEN = re.compile(r'item named "manifest" for image with ID "([0-9a-f]{64})"')
CANNOT_RUN = re.compile(
    r"error running container|OCI runtime error|cgroups? |setrlimit|OCI permission denied"
)
BUILD_MODES: tuple[tuple[str, ...], ...] = ((), ("--runtime=runc",), ("--isolation=chroot",))
LIMITS = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024")
RUN_MODES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    ((), ()),
    ((), ("--cgroups=disabled",)),
    ((), LIMITS),
    (("--runtime=runc",), LIMITS),
)


@dataclass(slots=True)
class Podman:
    """Buildah or Podman as the builder, Podman as the runner.

    Not every machine lets containers run with default limits, cgroups or isolation. The first mode in which the
    builder and the runner work is found by trying, and kept.
    """

    builder: str
    runner: str
    version: str
    name: str
    _build_mode: int = field(default=0, repr=False)
    _run_mode: int | None = field(default=None, repr=False)

    @property
    def capabilities(self) -> Capabilities:
        """Cache mounts came with Buildah 1.24, secrets with 1.20, heredocs with 1.33 (Podman: 4.0, 3.1, 4.9).

        Locks are not used: Buildah 1.28 keeps the lock of a cache until the build ends, so that a second step that
        wants the same cache waits for ever. Without `--jobs` its steps run one after another anyway.
        """
        numbers = tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])
        buildah = self.name == "buildah"
        return Capabilities(
            cache_mounts=numbers >= ((1, 24) if buildah else (4, 0)),
            cache_locks=False,
            stage_copies_cached=False,
            secrets=numbers >= ((1, 20) if buildah else (3, 1)),
            heredocs=numbers >= ((1, 33) if buildah else (4, 9)),
        )

    def build(self, request: BuildRequest, on_event: EventSink) -> BuildResult:
        """See `engine.Engine`."""
        while True:
            lines: list[str] = []
            steps: list[tuple[float, str]] = []
            found: set[int] = set()

            def take(
                line: str,
                lines: list[str] = lines,
                steps: list[tuple[float, str]] = steps,
                found: set[int] = found,
            ) -> None:
                lines.append(line)
                step = STEP.match(line)
                if step:
                    steps.append((time.monotonic(), step[3]))
                elif line.startswith("--> Using cache"):
                    found.add(len(steps) - 1)
                on_event(Event("step" if step else "detail", step[3] if step else line))

            with staged(request) as (dockerfile, secrets), _scratch() as scratch:
                words = self._words(request, dockerfile, secrets)
                started = time.monotonic()
                try:
                    result = watch(
                        words,
                        env={**request.build_args, "TMPDIR": scratch},
                        timeout_s=request.timeout_s,
                        on_line=hidden_in(request, take),
                    )
                except BaseException:
                    self.mend_store()
                    raise
                ended = time.monotonic()
                if result.timed_out:
                    self.mend_store()
            tail = "\n".join(lines[-60:])
            if result.returncode == 0:
                return BuildResult(request.tag, ended - started, _timings(steps, ended, found), tail)
            if CANNOT_RUN.search(tail) and self._build_mode + 1 < len(BUILD_MODES) and not result.timed_out:
                self._build_mode += 1
                on_event(
                    Event(
                        "warning",
                        f"{self.name} cannot run steps so; trying {BUILD_MODES[self._build_mode][0]}",
                    )
                )
                continue
            raise build_error(tail, result.timed_out, request)

    def _words(self, request: BuildRequest, dockerfile: Path, secrets: Mapping[str, Path]) -> list[str]:
        mode = BUILD_MODES[self._build_mode]
        general = [word for word in mode if word.startswith("--runtime")]
        words = [self.builder, *general, "build", *(word for word in mode if word not in general)]
        words += ["--format=docker", "--layers", "-f", str(dockerfile), "-t", request.tag]
        words += [f"--ignorefile={dockerfile}.dockerignore"]
        words += [f"--network={request.network}"] if request.network else []
        words += [self._without_cache()] if request.no_cache else []
        for key in request.build_args:
            words += ["--build-arg", key]
        for name, path in secrets.items():
            words += ["--secret", f"id={name},src={path}"]
        return [*words, str(request.context)]

    def _without_cache(self) -> str:
        """The option that takes no step from the cache. `--no-cache` also leaves nothing in it for the next build; an age
        limit that no image can meet does not (Buildah 1.28, Podman 4.3)."""
        numbers = tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])
        aged = numbers >= ((1, 28) if self.name == "buildah" else (4, 3))
        return "--cache-ttl=1us" if aged else "--no-cache"

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
        general, flags = self._mode(image)
        return create((self.runner, *general), flags, image, command, user, env, network, runs_checks=False)

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
        general, flags = self._mode(image)
        return run_once((self.runner, *general), flags, image, command, user, stdin, timeout_s)

    def configuration(self, image: str) -> Mapping[str, object]:
        """See `engine.Engine`."""
        return configuration((self.runner,), image)

    def export(self, image: str, target: Path) -> None:
        """See `engine.Engine`."""
        save((self.runner,), ("--format", "docker-archive"), image, target)

    def remove(self, image: str) -> None:
        """See `engine.Engine`."""
        ask([self.runner, "rmi", "-f", image])

    def mend_store(self) -> None:
        """Remove the image that a build left half-written when it was stopped: it has no manifest, and while it is there
        `podman images` warns or fails. One that another build is still writing has its manifest a moment later, and stays."""
        seen = ""
        for _ in range(10):
            listed = ask([self.runner, "images", "-q"], timeout_s=60)
            half = HALF_WRITTEN.search(listed.stderr.replace("\\", ""))
            if half is None:
                return
            if half[1] == seen:
                ask([self.runner, "rmi", "-f", seen], timeout_s=60)
            seen = half[1]
            time.sleep(1)

    def _mode(self, image: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The first mode in which a container of `image` can run a command at all."""
        if self._run_mode is not None:
            return RUN_MODES[self._run_mode]
        trouble = ""
        for number, (general, flags) in enumerate(RUN_MODES):
            answer = run_once(
                (self.runner, *general), flags, image, ("/bin/sh", "-c", "exit 0"), None, None, 60
            )
            if answer.returncode == 0:
                self._run_mode = number
                return general, flags
            trouble = answer.stderr.strip()
        raise EngineError("podman cannot run containers here", detail=trouble, hint="try --builder docker")


def find_buildah(environ: Mapping[str, str]) -> Podman:
    """Buildah for building, Podman for running. Raises `EngineError` when one of them is not there."""
    builder = shutil.which("buildah", path=environ.get("PATH"))
    if builder is None:
        raise EngineError(
            "buildah is not installed", hint="apt-get install buildah podman, or use --builder docker"
        )
    return Podman(builder, _podman(environ), _version(builder), "buildah")


def find_podman(environ: Mapping[str, str]) -> Podman:
    """Podman for both. Raises `EngineError` when it is not there."""
    runner = _podman(environ)
    return Podman(runner, runner, _version(runner), "podman")


def _podman(environ: Mapping[str, str]) -> str:
    runner = shutil.which("podman", path=environ.get("PATH"))
    if runner is None:
        raise EngineError(
            "podman is not installed", hint="apt-get install podman: it runs the containers that are verified"
        )
    return runner


def _version(program: str) -> str:
    answer = ask([program, "--version"], timeout_s=20)
    found = re.search(r"\d+\.\d+(?:\.\d+)?", answer.stdout)
    if answer.returncode != 0 or found is None:
        raise EngineError(f"{program} does not work", detail=answer.stderr.strip())
    return found[0]


@contextmanager
def _scratch() -> Iterator[str]:
    """A directory for what a build leaves behind when it is stopped. Buildah keeps its cache mounts beneath the same
    variable: those that are there are used, and new ones stay when the build has ended by itself."""
    usual = Path(os.environ.get("TMPDIR") or "/var/tmp")
    directory = Path(tempfile.mkdtemp(prefix="tare-buildah-", dir=usual))
    kept = usual / f"buildah-cache-{os.getuid()}"
    used = directory / kept.name
    try:
        if kept.is_dir():
            used.symlink_to(kept)
        yield str(directory)
        if used.is_dir() and not kept.exists():
            used.rename(kept)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _timings(steps: list[tuple[float, str]], ended: float, found: Collection[int]) -> tuple[StepTiming, ...]:
    ends = [at for at, _ in steps[1:]] + [ended]
    return tuple(
        StepTiming(name, index in found, end - at)
        for index, ((at, name), end) in enumerate(zip(steps, ends, strict=True))
    )
