"""Wheels by name and version: chosen for the target, fetched several at a time, verified, kept by content."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from tare.core.errors import ResolutionError
from tare.core.events import Event, EventSink
from tare.knowledge.index import PackageIndex, best_file
from tare.knowledge.index_pages import DistributionFile
from tare.knowledge.resolve import Resolution
from tare.knowledge.targets import Target

WORKERS = 8
ALGORITHMS = ("sha256", "sha384", "sha512")
"""Those that pip accepts."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel on disk. `sha256` is that of its bytes."""

    name: str
    version: str
    filename: str
    path: Path
    sha256: str
    size_bytes: int


def fetch_wheels(
    resolution: Resolution,
    target: Target,
    index: PackageIndex,
    cache: Path,
    on_event: EventSink,
    hashes: Mapping[str, tuple[str, ...]],
) -> tuple[Wheel, ...]:
    """Every wheel of a resolution, in its order; `hashes` are those that requirements allow, by normalised name.

    Raises `ResolutionError` for a package that has no wheel (none is built or left out), and where a file is not the one
    that the index or a requirement names; `NetworkError` for an index out of reach.
    """
    if resolution.source_only:
        names = ", ".join(sorted(resolution.source_only))
        raise ResolutionError(
            f"no wheel for {target.architecture}, Python {target.python_version}: {names}",
            hint="build them first, `pip wheel NAME -w wheels`, and name that folder with --find-links",
        )
    chosen: list[tuple[str, str, DistributionFile]] = []
    for pinned in resolution.packages:
        if pinned.url is not None:
            raise ResolutionError(
                f"{pinned.name} is asked for by URL",
                hint="put its wheel in a folder and name it with --find-links",
            )
        allowed = hashes.get(canonicalize_name(pinned.name), ())
        files = [
            file
            for file in index.files(pinned.name)
            if not allowed or file.sha256 is None or f"sha256:{file.sha256}" in allowed
        ]
        file = best_file(files, Version(pinned.version), target)
        if file is None or file.kind != "wheel":
            which = " with a hash that the requirements allow" if allowed else ""
            raise ResolutionError(f"no wheel of {pinned.name} {pinned.version}{which} fits the base image")
        if file.yanked:
            on_event(Event("warning", f"{pinned.name} {pinned.version} was yanked from the index"))
        chosen.append((pinned.name, pinned.version, file))
    cache.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        wheels = tuple(pool.map(lambda one: _fetch(one[0], one[1], one[2], index, cache, on_event), chosen))
    for wheel in wheels:
        _check(wheel, hashes.get(canonicalize_name(wheel.name), ()))
    return wheels


def _check(wheel: Wheel, allowed: Sequence[str]) -> None:
    """Raises `ResolutionError` for a file that has none of the hashes that its requirement allows."""
    for one in allowed:
        algorithm, _, wanted = one.partition(":")
        if algorithm in ALGORITHMS:
            with wheel.path.open("rb") as handle:
                if hashlib.file_digest(handle, algorithm).hexdigest() == wanted.lower():
                    return
    if allowed:
        raise ResolutionError(
            f"{wheel.filename} has none of the hashes that the requirements allow",
            detail=f"sha256:{wheel.sha256}",
            hint="write the hashes anew (uv pip compile --generate-hashes), or find out who changed the file",
        )


def _fetch(
    name: str, version: str, file: DistributionFile, index: PackageIndex, cache: Path, on_event: EventSink
) -> Wheel:
    if file.sha256 is not None:
        known = cache / file.sha256 / file.filename
        if known.is_file():
            return Wheel(name, version, file.filename, known, file.sha256, known.stat().st_size)
    on_event(Event("detail", f"fetching {file.filename}"))
    staging = Path(tempfile.mkdtemp(prefix=".fetch-", dir=cache))
    try:
        temporary = staging / file.filename
        size = index.fetch(file, temporary)
        with temporary.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        if file.sha256 is not None and digest != file.sha256:
            raise ResolutionError(
                f"{file.filename} has another content than the index says",
                detail=f"sha256 {digest}, expected {file.sha256}",
                hint="a proxy or a broken mirror may have changed it: fetch again from elsewhere",
            )
        place = cache / digest
        place.mkdir(exist_ok=True)
        os.replace(temporary, place / file.filename)
        return Wheel(name, version, file.filename, place / file.filename, digest, size)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def total_bytes(wheels: Sequence[Wheel]) -> int:
    """What was or would be downloaded."""
    return sum(wheel.size_bytes for wheel in wheels)
