"""The Python environments of an image as their metadata tells: who needs what in which versions."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tare.image.catalog import Package


@dataclass(frozen=True, slots=True)
class Installed:
    """One distribution; `local` where it did not come from an index (PEP 610)."""

    name: str
    version: str
    requires: tuple[Requirement, ...]
    local: bool


@dataclass(frozen=True)
class Environment:
    """One site-packages directory."""

    site: str
    installed: Mapping[str, Installed]

    @cached_property
    def python(self) -> str:
        """`3.11`, from the directory's path; '' where it does not tell."""
        found = re.search(r"python(3\.\d+)", self.site)
        return found[1] if found else ""

    def blockers(self, name: str, version: str) -> tuple[str, ...]:
        """Who does not allow a version of a package, as `transformers 4.35.0 needs urllib3<2`."""
        try:
            wanted = Version(version)
        except InvalidVersion:
            return (f"{version} is no version",)
        found = [
            f"{one.name} {one.version} needs {requirement.name}{requirement.specifier}"
            for one in self.installed.values()
            for requirement in one.requires
            if canonicalize_name(requirement.name) == name
            and self._holds(requirement)
            and not requirement.specifier.contains(wanted, prereleases=True)
        ]
        return tuple(dict.fromkeys(found))

    def needed_by(self, name: str) -> tuple[str, ...]:
        """Which distributions require a package."""
        return tuple(
            one.name
            for one in self.installed.values()
            if any(canonicalize_name(r.name) == name and self._holds(r) for r in one.requires)
        )

    def _holds(self, requirement: Requirement) -> bool:
        if requirement.marker is None:
            return True
        variables = {"extra": "", "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
        if self.python:
            variables |= {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        try:
            return requirement.marker.evaluate(variables)
        except (UndefinedComparison, UndefinedEnvironmentName):
            return True


def environments(packages: Iterable[Package], files: Mapping[str, bytes]) -> dict[str, Environment]:
    """By site-packages directory. `files` are the package databases that were read, METADATA among them."""
    found: dict[str, dict[str, Installed]] = {}
    for package in packages:
        if package.manager == "python":
            site = site_of(package)
            name = canonicalize_name(package.name)
            found.setdefault(site, {})[name] = Installed(
                name,
                package.version,
                tuple(_requirements(files.get(package.database, b""))),
                f"{posixpath.dirname(package.database)}/direct_url.json" in files,
            )
    return {site: Environment(site, installed) for site, installed in found.items()}


def site_of(package: Package) -> str:
    """The directory that a Python package is installed into."""
    folder = posixpath.dirname(package.database)
    return posixpath.dirname(folder) if folder.endswith((".dist-info", ".egg-info")) else folder


def _requirements(metadata: bytes) -> Iterable[Requirement]:
    for line in metadata.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            return
        key, colon, value = line.partition(":")
        if colon and key.lower() == "requires-dist":
            try:
                yield Requirement(value.strip())
            except InvalidRequirement:
                continue
