"""Lock files: which distributions at which versions a project has settled on."""

import json
import posixpath
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from packaging.utils import canonicalize_name

LockKind = Literal["uv", "poetry", "pdm", "pipenv", "pylock"]


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One distribution; `version` is None for one that is built from the project. `source`: registry, git, path, url."""

    name: str
    version: str | None
    source: str = "registry"


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock with its packages in file order; `problem` when it could not be read."""

    kind: LockKind
    path: str
    packages: tuple[LockedPackage, ...] = ()
    problem: str | None = None

    def version(self, name: str) -> str | None:
        """The locked version of a distribution; None when it is absent, has none, or has several."""
        found = {p.version for p in self.packages if p.name == canonicalize_name(name)}
        return found.pop() if len(found) == 1 else None


LOCK_KINDS: Mapping[str, LockKind] = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "pylock.toml": "pylock",
}


def parse_lock(data: bytes, path: str) -> LockFile:
    """Read a lock file; its kind is told by its name. Raises `KeyError` for any other name."""
    kind = LOCK_KINDS[posixpath.basename(path)]
    try:
        tree = _READERS.get(kind, tomllib.loads)(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        return LockFile(kind, path, problem=f"cannot be read: {error}")
    packages = (
        _pipenv(tree) if kind == "pipenv" else _tables(tree, "packages" if kind == "pylock" else "package")
    )
    return LockFile(kind, path, tuple(packages))


_READERS: Mapping[LockKind, Callable[[str], object]] = {"pipenv": json.loads}


def _tables(tree: object, key: str) -> list[LockedPackage]:
    packages = tree.get(key) if isinstance(tree, Mapping) else None
    found: list[LockedPackage] = []
    for table in packages if isinstance(packages, list) else ():
        name = table.get("name") if isinstance(table, Mapping) else None
        if isinstance(name, str):
            version = table.get("version")
            found.append(
                LockedPackage(
                    canonicalize_name(name), version if isinstance(version, str) else None, _source(table)
                )
            )
    return found


def _source(table: Mapping[str, object]) -> str:
    source = table.get("source")
    keys = source if isinstance(source, Mapping) else table
    kind = keys.get("type") if isinstance(source, Mapping) else None
    if isinstance(kind, str):
        return {"directory": "path", "file": "path", "legacy": "registry"}.get(kind, kind)
    if "git" in keys or "vcs" in keys:
        return "git"
    if any(key in keys for key in ("editable", "virtual", "directory", "path")):
        return "path"
    return "url" if "url" in keys else "registry"


def _pipenv(tree: object) -> list[LockedPackage]:
    found: list[LockedPackage] = []
    sections = tree if isinstance(tree, Mapping) else {}
    for section in ("default", "develop"):
        tables = sections.get(section)
        for name, table in (tables if isinstance(tables, Mapping) else {}).items():
            version = table.get("version") if isinstance(table, Mapping) else None
            pinned = version.removeprefix("==") if isinstance(version, str) else None
            source = _source(table) if isinstance(table, Mapping) else "registry"
            found.append(LockedPackage(canonicalize_name(str(name)), pinned, source))
    return found
