"""What an image can install: the wheel tags of a Python version on a platform and C library."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from packaging.tags import Tag, compatible_tags, cpython_tags

from tare.core.errors import UsageError

Libc = Literal["glibc", "musl"]

ARCHITECTURES = {
    "linux/amd64": "x86_64",
    "linux/arm64": "aarch64",
    "linux/arm64/v8": "aarch64",
    "linux/arm/v7": "armv7l",
    "linux/386": "i686",
    "linux/ppc64le": "ppc64le",
    "linux/s390x": "s390x",
    "linux/riscv64": "riscv64",
}
# glibc's minor version by release (packages.debian.org, packages.ubuntu.com; stable since each release).
GLIBC = {
    "buster": 28,
    "bullseye": 31,
    "bookworm": 36,
    "trixie": 41,
    "bionic": 27,
    "focal": 31,
    "jammy": 35,
    "noble": 39,
}
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True, slots=True)
class Target:
    """A place to install wheels. `libc_minor`: 36 for glibc 2.36, 2 for musl 1.2."""

    python: tuple[int, int]
    architecture: str = "x86_64"
    libc: Libc = "glibc"
    libc_minor: int = 36

    def platforms(self) -> Iterator[str]:
        """Platform tags, most specific first."""
        if self.libc == "musl":
            yield from (
                f"musllinux_1_{minor}_{self.architecture}" for minor in range(self.libc_minor, -1, -1)
            )
        else:
            for minor in range(self.libc_minor, 4, -1):
                yield f"manylinux_2_{minor}_{self.architecture}"
                if minor in _LEGACY:
                    yield f"{_LEGACY[minor]}_{self.architecture}"
        yield f"linux_{self.architecture}"

    def with_musl(self) -> "Target":
        """The same on Alpine (musl 1.2)."""
        return Target(self.python, self.architecture, "musl", 2)

    @property
    def python_version(self) -> str:
        return f"{self.python[0]}.{self.python[1]}"


@lru_cache(maxsize=64)
def tag_ranks(target: Target) -> dict[Tag, int]:
    """Every wheel tag that the target accepts, with its rank: 0 is the best match."""
    platforms = list(target.platforms())
    tags = list(cpython_tags(target.python, platforms=platforms))
    interpreter = f"cp{target.python[0]}{target.python[1]}"
    tags += compatible_tags(target.python, interpreter, platforms)
    ranks: dict[Tag, int] = {}
    for tag in tags:
        ranks.setdefault(tag, len(ranks))
    return ranks


def target_for(python_version: str, platform: str = "linux/amd64", release: str | None = None) -> Target:
    """The target of `3.11` or `3.11.7` on an OCI platform and a Debian or Ubuntu release (default: bookworm).

    Raises `UsageError` for what is no Python 3 version or no known platform.
    """
    version = re.match(r"(3)\.(\d+)(\.|$)", python_version)
    if version is None:
        raise UsageError(f"{python_version!r} is not a version of Python 3", hint="write it as 3.11")
    architecture = ARCHITECTURES.get(platform)
    if architecture is None:
        raise UsageError(
            f"the platform {platform!r} is not known", hint=f"known are {', '.join(ARCHITECTURES)}"
        )
    return Target((3, int(version[2])), architecture, "glibc", GLIBC.get(release or "bookworm", 31))
