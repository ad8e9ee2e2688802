"""What a container engine can do for tare. A new engine is one file and one line in `detect.ENGINES`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tare.build.process import Answer
from tare.core.events import EventSink
from tare.schema.run import BuildResult


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the builder understands beyond the classic grammar. `cache_locks`: cache mounts that one step at a time may
    use (`sharing=locked`) work. `stage_copies_cached`: a COPY from a stage that did not change is found in the cache
    without being carried out."""

    cache_mounts: bool
    cache_locks: bool
    stage_copies_cached: bool
    secrets: bool
    heredocs: bool


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One build. `dockerfile` and `dockerignore` are texts: the files in the context are not used.

    `secrets` maps IDs to values; they reach the builder through files that only this user can read, never through
    arguments. `network` is the builder's network mode, None for its default. `no_cache`: no layer is taken from the
    cache (cache mounts keep what they have).
    """

    context: Path
    dockerfile: str
    dockerignore: str | None
    tag: str
    build_args: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    network: str | None = None
    no_cache: bool = False
    timeout_s: float | None = None


class Container(Protocol):
    """A started container."""

    def execute(self, command: Sequence[str], *, stdin: str | None = None, timeout_s: float = 60.0) -> Answer:
        """Run a command inside, as the container's user."""

    def exit_code(self) -> int | None:
        """The exit code of its main process, None while it runs."""

    def logs(self) -> Answer:
        """What it has printed."""

    def health(self) -> str | None:
        """`healthy`, `unhealthy` or `starting`; None where the image has no health check."""

    def copy(self, path: str, target: Path) -> None:
        """Copy a file out of it, whether or not it still runs; nothing happens where there is no such file."""

    def remove(self) -> None:
        """Stop it and take it away; nothing happens when it is gone already."""


class Engine(Protocol):
    """A builder and runner of images."""

    @property
    def name(self) -> str:
        """`docker`, `buildah` or `podman`."""

    @property
    def version(self) -> str:
        """As the engine itself says."""

    @property
    def capabilities(self) -> Capabilities:
        """What its builder understands."""

    def build(self, request: BuildRequest, on_event: EventSink) -> BuildResult:
        """Build an image. Raises `BuildError` with the end of the log when a step fails."""

    def start(
        self,
        image: str,
        *,
        command: Sequence[str] | None = None,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        network: str = "none",
    ) -> Container:
        """Start a container; the image's own start command unless `command` replaces it."""

    def run(
        self,
        image: str,
        command: Sequence[str],
        *,
        user: str | None = None,
        stdin: str | None = None,
        timeout_s: float = 120.0,
    ) -> Answer:
        """Run one command in a fresh container, without the image's entry point, and wait for its end."""

    def configuration(self, image: str) -> Mapping[str, object]:
        """The image's configuration, with Docker's keys (`ExposedPorts`, `Healthcheck`, `User`, …)."""

    def export(self, image: str, target: Path) -> None:
        """Write the image as a docker-archive."""

    def remove(self, image: str) -> None:
        """Untag the image; nothing happens when it is gone already."""
