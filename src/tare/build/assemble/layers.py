"""Packages and the project's files as layers: the same input gives the same entries, in the same order."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tare.build.assemble.application import Placed
from tare.build.assemble.install import Environment
from tare.build.assemble.inventory import Inventory
from tare.build.assemble.wheels import Wheel
from tare.image.mutate import Content, Deflated, DraftEntry, NewLayer, OnDisk, written
from tare.image.tarhead import DIRECTORY, FILE, SYMLINK
from tare.image.tarwrite import TarEntry

SMALL_BYTES = 4_000_000
"""Packages below this share one layer: a layer costs a request and a few kilobytes of its own."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A package unpacked on disk: `root` holds its files as they stand in the image, and its name says what it holds: its
    wheel's digest, the environment, the installer's version."""

    wheel: Wheel
    root: Path
    held: Inventory


def package_layers(packages: Sequence[Installed]) -> tuple[NewLayer, ...]:
    """The small packages in one layer, below the large ones, each of which has its own. Sorted by name, so that images
    with the same packages have the same layers. Raises `FileExistsError` with a path that two packages write."""
    ordered = sorted(packages, key=lambda package: package.wheel.name)
    small = [package for package in ordered if package.held.size_bytes < SMALL_BYTES]
    large = [package for package in ordered if package.held.size_bytes >= SMALL_BYTES]
    seen: dict[str, Installed] = {}
    for package in (*small, *large):
        for name in package.held.files:
            other = seen.setdefault(name, package)
            if (
                other is not package
                and (package.root / name).read_bytes() != (other.root / name).read_bytes()
            ):
                raise FileExistsError(
                    f"{other.wheel.name} and {package.wheel.name} both write /{name}, with other content"
                )
    layers = []
    if small:
        layers.append(_layer(small, f"tare assemble: {len(small)} small packages"))
    layers += [
        _layer([package], f"tare assemble: {package.wheel.name} {package.wheel.version}") for package in large
    ]
    return tuple(layers)


def _layer(packages: Sequence[Installed], text: str) -> NewLayer:
    entries: dict[str, DraftEntry] = {}
    for package in packages:
        for name in package.held.directories:
            entries.setdefault(name, directory(name))
        for name, file in package.held.files.items():
            source = package.root / name
            stream = (
                Deflated(package.wheel.path, file.offset, file.compressed_bytes, file.crc32)
                if file.compressed_bytes
                else None
            )
            mode = 0o755 if file.executable else 0o644
            content = Content(None, (OnDisk(source, file.size_bytes, stream),))
            entries.setdefault(name, DraftEntry(TarEntry(name, FILE, file.size_bytes, mode), content))
    key = "packages " + " ".join(package.root.name for package in packages)
    return NewLayer(_in_order(entries), None, text, key)


def environment_layer(environment: Environment, base_interpreter: str) -> NewLayer:
    """The virtual environment without packages (PEP 405): `pyvenv.cfg` and the links to the base's Python."""
    prefix = environment.prefix.lstrip("/")
    home = os.path.dirname(base_interpreter)
    configuration = (
        f"home = {home}\ninclude-system-site-packages = false\nversion = {environment.python_version}\n"
        f"executable = {base_interpreter}\n"
    )
    site = environment.site_packages.lstrip("/")
    entries = {name: directory(name) for name in (*_parents(site), site, f"{prefix}/bin")}
    entries[f"{prefix}/pyvenv.cfg"] = text_entry(f"{prefix}/pyvenv.cfg", configuration)
    entries[f"{prefix}/bin/python3"] = link_entry(f"{prefix}/bin/python3", base_interpreter)
    versioned = f"{prefix}/bin/python{environment.python_version}"
    entries[versioned] = link_entry(versioned, "python3")
    entries[f"{prefix}/bin/python"] = link_entry(f"{prefix}/bin/python", "python3")
    return NewLayer(_in_order(entries), None, f"tare assemble: environment {environment.prefix}")


def application_layer(
    files: Iterable[Placed], owner: tuple[int, int], directories: Iterable[str]
) -> NewLayer:
    """The project's files, and directories that the user must own. The files' times are left out."""
    uid, gid = owner
    entries: dict[str, DraftEntry] = {}
    for name in directories:
        for parent in _parents(name.lstrip("/")):
            entries.setdefault(parent, directory(parent))
        entries[name.lstrip("/")] = directory(name.lstrip("/"), uid, gid)
    for placed in files:
        for parent in _parents(placed.path):
            entries.setdefault(parent, directory(parent))
        if placed.kind == "directory":
            entries[placed.path] = directory(placed.path, uid, gid, placed.mode)
        elif placed.kind == "symlink":
            entries[placed.path] = link_entry(placed.path, placed.target, uid, gid)
        elif placed.source is not None:
            entries[placed.path] = file_entry(placed.path, placed.source, placed.mode, uid, gid)
    return NewLayer(_in_order(entries), None, "tare assemble: application")


def directory(path: str, uid: int = 0, gid: int = 0, mode: int = 0o755) -> DraftEntry:
    """A directory's entry."""
    return DraftEntry(TarEntry(path, DIRECTORY, 0, mode, uid, gid))


def file_entry(path: str, source: Path, mode: int, uid: int = 0, gid: int = 0) -> DraftEntry:
    """A file's entry, its content on disk."""
    size = source.stat().st_size
    return DraftEntry(TarEntry(path, FILE, size, mode, uid, gid), Content(None, (OnDisk(source, size),)))


def text_entry(path: str, text: str, uid: int = 0, gid: int = 0) -> DraftEntry:
    """A small file's entry."""
    return DraftEntry(TarEntry(path, FILE, len(text.encode()), 0o644, uid, gid), written(text.encode()))


def link_entry(path: str, target: str, uid: int = 0, gid: int = 0) -> DraftEntry:
    """A symbolic link's entry."""
    return DraftEntry(TarEntry(path, SYMLINK, 0, 0o777, uid, gid, link=target))


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: index + 1]) for index in range(len(parts))]


def _in_order(entries: dict[str, DraftEntry]) -> tuple[DraftEntry, ...]:
    """Parents before what they hold."""
    return tuple(entries[path] for path in sorted(entries, key=lambda path: path.split("/")))
