"""Debian's package lists: what each package takes, packed and installed, and what it needs.

Format: https://wiki.debian.org/DebianRepository/Format ("Packages" indices) and deb-control(5). A list is read once from a
mirror and kept, boiled down, below the user's cache directory.
"""

import lzma
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
import msgspec

from tare.core.errors import NetworkError
from tare.knowledge.index_settings import redact

OFFICIAL = "http://deb.debian.org/debian"
ARCHITECTURES: Mapping[str, str] = {
    "linux/amd64": "amd64",
    "linux/arm64": "arm64",
    "linux/arm64/v8": "arm64",
    "linux/arm/v7": "armhf",
    "linux/386": "i386",
    "linux/ppc64le": "ppc64el",
    "linux/s390x": "s390x",
    "linux/riscv64": "riscv64",
}
LIMIT_BYTES = 64 << 20
PLAIN_LIMIT_BYTES = 512 << 20
_FIELD = re.compile(
    r"^(Package|Version|Installed-Size|Size|Depends|Pre-Depends|Recommends|Provides|Priority|Essential): ?(.*)$",
    re.M,
)
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*")
_FORM = 1

Alternatives = tuple[str, ...]


class DebianPackage(msgspec.Struct, frozen=True, array_like=True):
    """One package. `depends` (Pre-Depends too) and `recommends`: of each group one alternative is needed. Sizes in bytes."""

    name: str
    version: str
    packed_bytes: int
    installed_bytes: int
    depends: tuple[Alternatives, ...]
    recommends: tuple[Alternatives, ...]
    provides: tuple[str, ...]
    priority: str
    essential: bool


class _Stored(msgspec.Struct, array_like=True):
    form: int
    packed_list_bytes: int
    plain_list_bytes: int
    packages: tuple[DebianPackage, ...]


@dataclass(frozen=True, slots=True)
class DebianArchive:
    """The main component of one release for one architecture.

    `source` says where it was read. `list_bytes`: what the list itself takes in `/var/lib/apt/lists`, (as sent, plain).
    """

    release: str
    architecture: str
    source: str
    packages: Mapping[str, DebianPackage]
    providers: Mapping[str, tuple[str, ...]]
    list_bytes: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """Where the lists are read and kept. `cache`: a directory, None to keep nothing; `cache_days`: how long a kept list is
    taken without asking."""

    mirror: str = OFFICIAL
    cache: Path | None = None
    cache_days: int = 7
    timeout_s: float = 30.0
    cert: str | None = None


def cache_directory(environ: Mapping[str, str]) -> Path | None:
    """`tare/debian` below the XDG cache directory; None without a home."""
    named = environ.get("XDG_CACHE_HOME", "")
    if named.startswith("/"):
        return Path(named) / "tare" / "debian"
    home = environ.get("HOME", "")
    return Path(home) / ".cache" / "tare" / "debian" if home.startswith("/") else None


def read_archive(
    release: str,
    platform: str,
    settings: ArchiveSettings,
    client: httpx.Client | None = None,
    now: float | None = None,
) -> DebianArchive:
    """The kept list where it is fresh, else the mirror's. A stale one serves where the mirror cannot be reached.

    Raises `NetworkError` where there is neither, or the platform has no list.
    """
    architecture = ARCHITECTURES.get(platform)
    if architecture is None:
        raise NetworkError(f"Debian has no packages for {platform}")
    kept = _kept_path(settings, release, architecture)
    days = None if kept is None else _age_days(kept, time.time() if now is None else now)
    if kept is not None and days is not None and days <= settings.cache_days:
        stored = _load(kept)
        if stored is not None:
            return _archive(release, architecture, settings.mirror, stored)
    try:
        stored = _fetch(release, architecture, settings, client)
    except NetworkError:
        stored = _load(kept) if kept is not None else None
        if stored is None:
            raise
        source = f"{settings.mirror}, read {days or 0:.0f} days ago; it cannot be reached now"
        return _archive(release, architecture, source, stored)
    if kept is not None:
        _keep(kept, stored)
    return _archive(release, architecture, settings.mirror, stored)


def parse_packages(text: str) -> Iterator[DebianPackage]:
    """The packages of a `Packages` file. Of several versions the later stanza wins with whoever makes a mapping."""
    for stanza in text.split("\n\n"):
        fields = dict(_FIELD.findall(stanza))
        if "Package" not in fields:
            continue
        yield DebianPackage(
            name=fields["Package"],
            version=fields.get("Version", ""),
            packed_bytes=_number(fields.get("Size", "")),
            installed_bytes=_number(fields.get("Installed-Size", "")) * 1024,
            depends=(*_groups(fields.get("Pre-Depends", "")), *_groups(fields.get("Depends", ""))),
            recommends=_groups(fields.get("Recommends", "")),
            provides=tuple(name for group in _groups(fields.get("Provides", "")) for name in group),
            priority=fields.get("Priority", ""),
            essential=fields.get("Essential", "") == "yes",
        )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else 0


def _groups(text: str) -> tuple[Alternatives, ...]:
    """`a | b (>= 1), c:any` → `(("a", "b"), ("c",))`. Versions are left out: a release is consistent with itself."""
    if not text:
        return ()
    groups = []
    for group in text.split(","):
        names = tuple(
            found[0] for part in group.split("|") if (found := _NAME.match(part.strip())) is not None
        )
        if names:
            groups.append(names)
    return tuple(groups)


def _archive(release: str, architecture: str, source: str, stored: _Stored) -> DebianArchive:
    packages = {package.name: package for package in stored.packages}
    providers: dict[str, tuple[str, ...]] = {}
    for package in packages.values():
        for name in package.provides:
            providers[name] = (*providers.get(name, ()), package.name)
    sizes = (stored.packed_list_bytes, stored.plain_list_bytes)
    return DebianArchive(release, architecture, redact(source), packages, providers, sizes)


def _fetch(
    release: str, architecture: str, settings: ArchiveSettings, client: httpx.Client | None
) -> _Stored:
    url = f"{settings.mirror.rstrip('/')}/dists/{release}/main/binary-{architecture}/Packages.xz"
    packed = _get(url, settings, client)
    try:
        decoder = lzma.LZMADecompressor()
        plain = decoder.decompress(packed, PLAIN_LIMIT_BYTES)
        if not decoder.eof:
            raise ValueError("it is truncated or too big")
        packages = tuple(parse_packages(plain.decode()))
    except (lzma.LZMAError, ValueError) as error:
        raise NetworkError(f"the package list cannot be read: {error}", where=redact(url)) from error
    if not packages:
        raise NetworkError("the package list is empty", where=redact(url))
    return _Stored(_FORM, len(packed), len(plain), packages)


def _get(url: str, settings: ArchiveSettings, client: httpx.Client | None) -> bytes:
    hint = "check the network, or name a mirror: `--debian-mirror`, or `debian_mirror` in [estimates]"
    owned = client or httpx.Client(
        timeout=settings.timeout_s, follow_redirects=True, verify=settings.cert or True
    )
    try:
        body = bytearray()
        with owned.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response:
            if response.status_code != 200:
                raise NetworkError(
                    f"the Debian mirror answered {response.status_code}", where=redact(url), hint=hint
                )
            for piece in response.iter_raw():
                body += piece
                if len(body) > LIMIT_BYTES:
                    raise NetworkError("the package list is bigger than it may be", where=redact(url))
        return bytes(body)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NetworkError(
            f"the Debian mirror cannot be reached ({type(error).__name__})", where=redact(url), hint=hint
        ) from error
    finally:
        if client is None:
            owned.close()


def _kept_path(settings: ArchiveSettings, release: str, architecture: str) -> Path | None:
    if settings.cache is None:
        return None
    mirror: Literal["official"] | str = "official" if settings.mirror == OFFICIAL else settings.mirror
    name = re.sub(r"[^A-Za-z0-9.]+", "-", redact(mirror)).strip("-.")[:80]
    return settings.cache / f"{name}_{re.sub(r'[^a-z0-9]', '-', release)}_{architecture}.msgpack"


def _age_days(path: Path, now: float) -> float | None:
    try:
        return max(0.0, (now - path.stat().st_mtime) / 86400)
    except OSError:
        return None


def _load(path: Path) -> _Stored | None:
    """A kept list; None where it is gone, damaged, or of another version of tare: it is then read anew."""
    try:
        stored = msgspec.msgpack.decode(path.read_bytes(), type=_Stored)
    except (OSError, msgspec.DecodeError):
        return None
    return stored if stored.form == _FORM else None


def _keep(path: Path, stored: _Stored) -> None:
    """Best effort: an estimate does not fail because a directory is read-only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(msgspec.msgpack.encode(stored))
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError:
        return
