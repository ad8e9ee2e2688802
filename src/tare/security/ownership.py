"""Whose package it is: settled before anything is matched, so that a distribution's own Python package is not held
against upstream's advisories."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tare.image.catalog import Package

SYSTEM = frozenset({"dpkg", "apk", "rpm"})
RELEASES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "debian": ("Debian", lambda version: version.partition(".")[0]),
    "ubuntu": ("Ubuntu", lambda version: version),
    "alpine": ("Alpine", lambda version: "v" + ".".join(version.split(".")[:2])),
    "rocky": ("Rocky Linux", lambda version: version.partition(".")[0]),
    "almalinux": ("AlmaLinux", lambda version: version.partition(".")[0]),
    "wolfi": ("Wolfi", lambda version: ""),
    "chainguard": ("Chainguard", lambda version: ""),
}


@dataclass(frozen=True, slots=True)
class Owned:
    """A package with the ecosystem that its advisories are in; '' with the reason where there is none."""

    package: Package
    ecosystem: str
    name: str
    version: str
    reason: str = ""


def settle(packages: Iterable[Package], release: Mapping[str, str]) -> tuple[Owned, ...]:
    """Give each package its ecosystem. Python packages whose metadata a system package owns are that package's."""
    known = tuple(packages)
    system = {path for package in known if package.manager in SYSTEM for path in package.files}
    return tuple(_settled(package, release, system) for package in known)


def _settled(package: Package, release: Mapping[str, str], system: set[str]) -> Owned:
    match package.manager:
        case "python":
            if package.database in system:
                return Owned(package, "", package.name, package.version, "part of a system package")
            return Owned(package, "PyPI", package.name, package.version)
        case "npm":
            if package.database in system:
                return Owned(package, "", package.name, package.version, "part of a system package")
            return Owned(package, "npm", package.name, package.version)
        case "dpkg" | "apk" | "rpm":
            found = RELEASES.get(release.get("ID", ""))
            if found is None:
                what = release.get("ID") or "a system without /etc/os-release"
                return Owned(
                    package, "", package.name, package.version, f"no advisories are known for {what}"
                )
            ecosystem, version = found
            number = version(release.get("VERSION_ID", ""))
            return Owned(
                package,
                f"{ecosystem}:{number}" if number else ecosystem,
                package.source or package.name,
                package.source_version or package.version,
            )
    return Owned(
        package, "", package.name, package.version, f"{package.manager} has no advisories in OSV form"
    )
