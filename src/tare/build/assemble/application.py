"""What an assembled image runs, and the project's files in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Placed:
    """One file, directory or link of the project at its place in the image. `path` is from the root, without a slash
    in front; `source` is None for what is not a regular file."""

    path: str
    kind: str
    mode: int
    source: Path | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """How the image starts. None and empty values leave what the base says. `healthcheck` has the OCI form."""

    files: tuple[Placed, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    user: str = "10001:10001"
    workdir: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] | None = None
    healthcheck_timing: Mapping[str, int] = field(default_factory=dict)
