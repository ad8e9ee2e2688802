"""Advisories in OSV form (ossf.github.io/osv-schema), from JSON or YAML files, folders, zip and tar archives."""

import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from tare.core.errors import AdvisoryError
from tare.core.io import open_stream

LARGEST_DOCUMENT = 16 * 1024 * 1024
LARGEST_LIST = 64 * 1024 * 1024
"""A file of KEV or EPSS."""
SUFFIXES = (".json", ".yaml", ".yml", ".csv")


class Event(msgspec.Struct, frozen=True):
    """One event of a range; exactly one field is set."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class Range(msgspec.Struct, frozen=True):
    """`type` is SEMVER, ECOSYSTEM or GIT."""

    type: str
    events: tuple[Event, ...] = ()


class PackageName(msgspec.Struct, frozen=True):
    """A package in an ecosystem; a release may follow a colon (`Debian:12`)."""

    ecosystem: str
    name: str


class Affected(msgspec.Struct, frozen=True):
    """One package with its ranges and enumerated versions."""

    package: PackageName | None = None
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    severity: tuple[dict[str, str], ...] = ()


class Advisory(msgspec.Struct, frozen=True):
    """What is kept of one advisory."""

    id: str
    modified: str = ""
    published: str = ""
    withdrawn: str | None = None
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    severity: tuple[dict[str, str], ...] = ()
    affected: tuple[Affected, ...] = ()
    database_specific: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that is no advisory, and why."""

    name: str
    reason: str


def parse_advisory(raw: bytes, name: str) -> Advisory:
    """One document. Raises `AdvisoryError`."""
    if len(raw) > LARGEST_DOCUMENT:
        raise AdvisoryError("the document is too large", where=name)
    try:
        if name.endswith(".json"):
            return msgspec.json.decode(raw, type=Advisory, strict=False)
        document = yaml.load(raw, Loader=LOADER)
        return msgspec.convert(json.loads(json.dumps(document, default=str)), Advisory, strict=False)
    except (msgspec.MsgspecError, yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise AdvisoryError(f"no OSV advisory: {reason}", where=name) from error


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_documents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every document of a file, a folder, a zip, or a tar (gzip, zstd, xz, bzip2 or plain).

    Raises `AdvisoryError` for what cannot be read. Nothing is unpacked to disk.
    """
    try:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.suffix in SUFFIXES and file.is_file():
                    yield str(file.relative_to(path)), _limited(file.read_bytes(), str(file))
        elif path.suffix in SUFFIXES:
            yield path.name, _limited(path.read_bytes(), str(path))
        elif path.name.endswith((".csv.gz", ".json.gz")):
            with path.open("rb") as raw:
                yield path.stem, _limited(open_stream(raw).read(LARGEST_LIST + 1), str(path))
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    if entry.filename.endswith(SUFFIXES):
                        if entry.file_size > LARGEST_LIST:
                            raise AdvisoryError("a document is too large", where=f"{path}: {entry.filename}")
                        yield entry.filename, archive.read(entry)
        else:
            with path.open("rb") as raw, tarfile.open(fileobj=open_stream(raw), mode="r|") as tar:
                for member in tar:
                    if member.isfile() and member.name.endswith(SUFFIXES):
                        if member.size > LARGEST_LIST:
                            raise AdvisoryError("a document is too large", where=f"{path}: {member.name}")
                        handle = tar.extractfile(member)
                        if handle is not None:
                            yield member.name, handle.read()
    except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError, ValueError) as error:
        raise AdvisoryError(
            f"cannot be read: {error}",
            where=str(path),
            hint="OSV advisories as JSON or YAML, in a folder, zip or tar",
        ) from error


def _limited(raw: bytes, name: str) -> bytes:
    if len(raw) > LARGEST_LIST:
        raise AdvisoryError("the document is too large", where=name)
    return raw
