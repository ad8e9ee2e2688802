"""The wheels that requirements came to, kept by everything that was asked for: the same question has the same answer until
a new one is wanted, as a layer in an engine's cache has."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tare.build.assemble.wheels import Wheel, fetch_wheels
from tare.core.events import Event, EventSink
from tare.knowledge.index import PackageIndex
from tare.knowledge.requirement_lines import FlatRequirements
from tare.knowledge.resolve import resolve
from tare.knowledge.targets import Target

FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Locked:
    """The wheels, all of them on disk. `reused`: nothing was asked of any index."""

    wheels: tuple[Wheel, ...]
    reused: bool


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    version: str
    filename: str
    sha256: str
    size_bytes: int


def lock(
    flat: FlatRequirements,
    target: Target,
    cache: Path,
    environ: Mapping[str, str],
    on_event: EventSink,
    *,
    fresh: bool = False,
) -> Locked:
    """Resolve and fetch, unless these requirements were locked for this target before and every wheel is still here.
    Raises `ResolutionError` or `NetworkError`."""
    place = cache / "locks" / f"{_identity(flat, target)}.json"
    if not fresh:
        known = _known(place, cache / "wheels")
        if known:
            on_event(Event("step", f"{len(known)} wheels as locked before"))
            return Locked(known, True)
    on_event(
        Event("step", f"resolving for Python {target.python_version}, {target.libc}, {target.architecture}")
    )
    with PackageIndex(flat.settings) as index:
        resolution = resolve(flat, target, index, environ=environ)
        on_event(Event("step", f"fetching {len(resolution.packages)} wheels"))
        wheels = fetch_wheels(resolution, target, index, cache / "wheels", on_event, _hashes(flat))
    _keep(place, wheels)
    return Locked(wheels, False)


def _hashes(flat: FlatRequirements) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for requirement in (*flat.requirements, *flat.constraints):
        if requirement.hashes:
            try:
                name = canonicalize_name(Requirement(requirement.text).name)
            except InvalidRequirement:
                continue  # resolving it has said so
            found[name] = (*found.get(name, ()), *requirement.hashes)
    return found


def _identity(flat: FlatRequirements, target: Target) -> str:
    """Of the requirements, the indexes, the folders of wheels with what lies in them, and the target."""
    folders = []
    for place in flat.settings.find_links:
        folder = Path(place.removeprefix("file://"))
        if folder.is_dir():
            folders += [
                (path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.iterdir())
            ]
    return hashlib.sha256(repr((FORMAT, flat, target, folders)).encode()).hexdigest()


def _known(place: Path, folder: Path) -> tuple[Wheel, ...]:
    try:
        lines = msgspec.json.decode(place.read_bytes(), type=list[_Line])
    except (OSError, msgspec.DecodeError):
        return ()
    wheels = tuple(
        Wheel(
            one.name,
            one.version,
            one.filename,
            folder / one.sha256 / one.filename,
            one.sha256,
            one.size_bytes,
        )
        for one in lines
    )
    here = all(wheel.path.is_file() and wheel.path.stat().st_size == wheel.size_bytes for wheel in wheels)
    return wheels if here else ()


def _keep(place: Path, wheels: tuple[Wheel, ...]) -> None:
    """Best effort: where the cache cannot be written to, they are resolved again the next time."""
    lines = [_Line(one.name, one.version, one.filename, one.sha256, one.size_bytes) for one in wheels]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".lock-", dir=place.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(lines))
        os.replace(name, place)
    except OSError:
        return
