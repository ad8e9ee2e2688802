"""Which packages an apt install brings, and what they take.

The choice among alternatives is apt's usual one: what is there already, else the first that exists, else the first provider of
a virtual name. Conflicts and versions are not weighed. Checked against `apt-get install --simulate` in tests/e2e.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

from tare.knowledge.debian_archive import DebianArchive, DebianPackage
from tare.schema.finding import Saving
from tare.schema.quantity import estimated, measured

# Bytes of files against `Installed-Size`, which counts whole blocks, and less where an image leaves documentation out; and
# bytes in a gzip layer against the packed package, which is xz (benchmarks/estimates, `packages`).
INSTALLED_FACTOR = (0.70, 0.92, 1.0)
LAYER_FACTOR = (0.95, 1.28, 1.45)

# What official images install over the minimal system (docker-library: debian, buildpack-deps, python).
SLIM_PYTHON = ("ca-certificates", "netbase", "tzdata", "libbz2-1.0", "libffi8", "libffi7", "liblzma5", "libncursesw6",
    "libreadline8", "libreadline8t64", "libsqlite3-0", "libssl3", "libssl3t64", "libssl1.1", "libuuid1", "zlib1g", "libexpat1",
    "libgdbm6", "libgdbm6t64", "libdb5.3", "libdb5.3t64", "libtirpc3", "libtirpc3t64", "libnsl2", "readline-common")  # fmt: skip
BUILDPACK = ("autoconf", "automake", "bzip2", "ca-certificates", "curl", "default-libmysqlclient-dev", "dpkg-dev", "file", "g++",
    "gcc", "git", "gnupg", "imagemagick", "libbz2-dev", "libc6-dev", "libcurl4-openssl-dev", "libdb-dev", "libevent-dev",
    "libffi-dev", "libgdbm-dev", "libglib2.0-dev", "libgmp-dev", "libjpeg-dev", "libkrb5-dev", "liblzma-dev",
    "libmagickcore-dev", "libmagickwand-dev", "libmaxminddb-dev", "libncurses5-dev", "libncursesw5-dev", "libpng-dev",
    "libpq-dev", "libreadline-dev", "libsqlite3-dev", "libssl-dev", "libtool", "libwebp-dev", "libxml2-dev", "libxslt-dev",
    "libyaml-dev", "make", "mercurial", "netbase", "openssh-client", "patch", "procps", "sq", "subversion", "tzdata", "unzip",
    "wget", "xz-utils", "zlib1g-dev")  # fmt: skip
FULL_PYTHON = (*BUILDPACK, "libbluetooth-dev", "tk-dev", "uuid-dev")
SEEDS = {
    ("debian", "slim"): (),
    ("debian", "full"): (),
    ("python", "slim"): SLIM_PYTHON,
    ("python", "full"): (*SLIM_PYTHON, *FULL_PYTHON),
    ("buildpack-deps", "full"): BUILDPACK,
}
MINIMAL = ("apt", "debian-archive-keyring")


@dataclass(frozen=True, slots=True)
class Installed:
    """What an install brings that was not there: `packages` in the order found. `lost`: names that no package has."""

    packages: tuple[DebianPackage, ...]
    lost: tuple[str, ...]


def base_packages(archive: DebianArchive, image: str, variant: str) -> frozenset[str] | None:
    """The packages that an official image has, by the recipe of its makers; None where that is not known."""
    seeds = SEEDS.get((image, variant))
    if seeds is None:
        return None
    minimal = [p.name for p in archive.packages.values() if p.essential or p.priority == "required"]
    wanted = (
        *minimal,
        *MINIMAL,
        *(name for name in seeds if name in archive.packages or name in archive.providers),
    )
    return frozenset(
        package.name for package in installs(archive, wanted, frozenset(), recommends=False).packages
    )


def installs(
    archive: DebianArchive, wanted: Iterable[str], present: Collection[str], *, recommends: bool
) -> Installed:
    """What `apt-get install` of the names adds to `present`."""
    chosen: dict[str, DebianPackage] = {}
    lost: list[str] = []
    provided = {
        name for there in present if there in archive.packages for name in archive.packages[there].provides
    }
    have = set(present) | provided
    queue: list[tuple[tuple[str, ...], bool]] = [((name,), True) for name in wanted]
    while queue:
        alternatives, must = queue.pop(0)
        if any(name in have for name in alternatives):
            continue
        package = _choice(archive, alternatives)
        if package is None:
            if must:
                lost.append(" | ".join(alternatives))
            continue
        chosen[package.name] = package
        have |= {package.name, *package.provides}
        queue += [(group, True) for group in package.depends]
        if recommends:
            queue += [(group, False) for group in package.recommends]
    return Installed(tuple(chosen.values()), tuple(dict.fromkeys(lost)))


def _choice(archive: DebianArchive, alternatives: tuple[str, ...]) -> DebianPackage | None:
    for name in alternatives:
        if name in archive.packages:
            return archive.packages[name]
    for name in alternatives:
        for provider in archive.providers.get(name, ()):
            return archive.packages[provider]
    return None


def size_of(packages: Iterable[DebianPackage], source: str) -> Saving:
    """What packages take in a layer, compressed and on disk."""
    return reduce(
        add,
        (_one(package, source) for package in packages),
        Saving(measured(0.0, source), measured(0.0, source)),
    )


def _one(package: DebianPackage, source: str) -> Saving:
    disk, layer = package.installed_bytes, package.packed_bytes
    low, value, high = INSTALLED_FACTOR
    packed_low, packed_value, packed_high = LAYER_FACTOR
    return Saving(
        estimated(layer * packed_value, layer * packed_low, layer * packed_high, source),
        estimated(disk * value, disk * low, disk * high, source),
    )
