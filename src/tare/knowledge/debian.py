"""Debian packages: what -dev packages become at run time, who brings a shared library, and what nobody
needs there.

Releases are Debian codenames: bullseye, bookworm, trixie. Whatever is not known is None, never an empty
answer.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from packaging.utils import canonicalize_name

from tare.knowledge import debian_dev, debian_sonames
from tare.knowledge.debian_tools import (
    BUILD_TOOLS,
    COMMANDS,
    DEBUG_TOOLS,
    DOCUMENTATION,
    EDITORS,
    NETWORK_TOOLS,
    VCS,
    Purpose,
)
from tare.knowledge.wheel_needs import SDIST_NEEDS, WHEEL_NEEDS

__all__ = [
    "BUILD_TOOLS",
    "COMMANDS",
    "DEBUG_TOOLS",
    "DEV_RUNTIME",
    "DOCUMENTATION",
    "EDITORS",
    "NETWORK_TOOLS",
    "RELEASES",
    "SDIST_NEEDS",
    "SONAME_PACKAGES",
    "VCS",
    "WHEEL_NEEDS",
    "Purpose",
    "built_needs",
    "droppable",
    "for_release",
    "is_build_package",
    "portable_packages",
    "purpose",
    "runtime_packages",
    "sdist_needs",
    "soname_package",
    "wheel_needs",
]

RELEASES = ("bullseye", "bookworm", "trixie")
_HOME = "bookworm"
# Beyond the -dev rows: names of `wheel_needs` that other releases spell differently; empty: not there,
# not needed.
_RENAMED: dict[str, dict[str, tuple[str, ...]]] = {
    "bullseye": {"libharfbuzz-subset0": (), "dnsutils": ("bind9-dnsutils",)},
    "bookworm": {},
    "trixie": {"dnsutils": ("bind9-dnsutils",)},
}
_GONE: dict[str, frozenset[str]] = {
    "bullseye": frozenset(),
    "bookworm": frozenset(),
    "trixie": frozenset({"wkhtmltopdf"}),
}
_PURPOSES: tuple[tuple[Purpose, frozenset[str]], ...] = (
    ("build-tool", BUILD_TOOLS),
    ("editor", EDITORS),
    ("vcs", VCS),
    ("debug", DEBUG_TOOLS),
    ("network", NETWORK_TOOLS),
    ("documentation", DOCUMENTATION),
)


def _by_release(rows: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """The rows of a data module, by release: `key | a / b / c`, `=` for the release before, `-` for not
    there."""
    table: dict[str, dict[str, tuple[str, ...]]] = {release: {} for release in RELEASES}
    for line in rows.strip().splitlines():
        key, _, value = (part.strip() for part in line.partition("|"))
        columns = [column.strip() for column in value.split(" / ")]
        for index, release in enumerate(RELEASES):
            column = columns[min(index, len(columns) - 1)]
            if column == "=":
                column = columns[index] = columns[index - 1]
            if column != "-":
                table[release][key] = tuple(column.split())
    return table


DEV_RUNTIME: Mapping[str, Mapping[str, tuple[str, ...]]] = _by_release(debian_dev.ROWS)
"""Release → -dev package → the runtime packages that replace it."""

SONAME_PACKAGES: Mapping[str, Mapping[str, str]] = {
    release: {soname: packages[0] for soname, packages in rows.items()}
    for release, rows in _by_release(debian_sonames.ROWS).items()
}
"""Release → SONAME (as in an ELF file's NEEDED) → package."""


def _renames() -> dict[str, dict[str, tuple[str, ...]]]:
    table = {release: dict(names) for release, names in _RENAMED.items()}
    for dev, home in DEV_RUNTIME[_HOME].items():
        for release in RELEASES:
            there = DEV_RUNTIME[release].get(dev)
            if there is not None and len(there) == len(home):
                for old, new in zip(home, there, strict=True):
                    table[release].setdefault(old, (new,))
    return table


_RELEASE_NAMES = _renames()


def runtime_packages(dev_package: str, release: str) -> tuple[str, ...] | None:
    """What an image needs at run time where its build used `dev_package`.

    Empty: nothing (headers only). None: this release or package is not in the table.
    """
    return DEV_RUNTIME.get(release, {}).get(dev_package)


def portable_packages(dev_package: str, releases: Iterable[str]) -> tuple[str, ...] | None:
    """Names that install on every one of `releases`, for a base whose release is not certain.

    Trixie's `…t64` packages provide the name they had before on 64-bit architectures, so the older name
    serves both. None where no one name does.
    """
    rows = [runtime_packages(dev_package, release) for release in releases]
    first = rows[0] if rows else None
    plain = {None if row is None else tuple(name.replace("t64", "") for name in row) for row in rows}
    if first is None or len(plain) != 1:
        return None
    return plain.pop() if len(set(rows)) > 1 else first


def for_release(packages: Iterable[str], release: str) -> tuple[str, ...] | None:
    """Bookworm's package names as `release` spells them; None where one is not there or the release is
    unknown."""
    if release not in RELEASES:
        return None
    names: list[str] = []
    for package in packages:
        if package in _GONE[release]:
            return None
        names += _RELEASE_NAMES[release].get(package, (package,))
    return tuple(dict.fromkeys(names))


def soname_package(soname: str, release: str) -> str | None:
    """The package that brings a shared library (`libpq.so.5`), None where it is not in the table."""
    return SONAME_PACKAGES.get(release, {}).get(soname)


def wheel_needs(distribution: str, release: str) -> tuple[str, ...] | None:
    """The Debian packages that a Python distribution needs at run time beyond a slim image.

    Empty: known to need nothing. None: not in the table; most pure and manylinux wheels need nothing,
    but that is for the ELF evidence to say.
    """
    needs = WHEEL_NEEDS.get(canonicalize_name(distribution))
    return None if needs is None else for_release(needs, release)


def sdist_needs(distribution: str) -> tuple[str, ...] | None:
    """The Debian packages that building a distribution from its sdist needs, None where it is not in the
    table."""
    return SDIST_NEEDS.get(canonicalize_name(distribution))


def built_needs(distribution: str, release: str) -> tuple[str, ...] | None:
    """The Debian packages that a distribution built from its sdist links to at run time.

    The runtime side of its -dev packages, with what the wheel would need as well. None: not in the
    table, or one of them has no name on this release.
    """
    built = sdist_needs(distribution)
    if built is None or release not in RELEASES:
        return None
    libraries: list[str] = list(wheel_needs(distribution, release) or ())
    for package in built:
        if package.endswith("-dev"):
            runtime = runtime_packages(package, release)
            if runtime is None:
                return None
            libraries += runtime
    return tuple(dict.fromkeys(libraries))


def is_build_package(package: str) -> bool:
    """Whether a Debian package serves building only: a compiler or build tool, or a -dev package."""
    name = package.partition(":")[0].partition("=")[0]
    versioned = r"(gcc|g\+\+|cpp|gfortran|clang|llvm|lld|python3\.)-?\d+(-dev|-base)?"
    if re.fullmatch(r"gcc-\d+-base", name):
        return False
    return name in BUILD_TOOLS or name.endswith("-dev") or re.fullmatch(versioned, name) is not None


def purpose(package: str) -> Purpose | None:
    """What a package is for, None where that is not in the tables (libraries and programs of any use)."""
    name = package.partition(":")[0].partition("=")[0]
    for what, packages in _PURPOSES:
        if name in packages:
            return what
    return "build-tool" if is_build_package(name) else None


def droppable(package: str, commands_used: Collection[str] = ()) -> bool:
    """Whether a running application can do without a package: a tool for building, editing, looking or
    fetching none of whose commands is among `commands_used` (program names that the application or its
    start scripts call)."""
    name = package.partition(":")[0].partition("=")[0]
    if purpose(name) is None:
        return False
    brings = COMMANDS.get(name, (name,))
    return not any(command.rpartition("/")[2] in brings for command in commands_used)
