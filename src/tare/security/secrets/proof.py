"""Files that are as their package brought them: what the package's own hashes say, and whether they hold.

RECORD (sha256 and better; packaging.python.org, "Recording installed projects"), dpkg's `md5sums`, apk's database (SHA-1),
conda's `paths_data` (sha256). A distribution that was installed from a directory, an archive at hand or a repository (PEP 610,
`direct_url.json`) is the user's own: its hashes say nothing about whether its content is public, and prove nothing here.
"""

import base64
import binascii
import csv
import hashlib
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from tare.image.catalog import Package
from tare.image.scan import LayerScan

_RECORD = ".dist-info/RECORD"
_STRONG = frozenset({"sha256", "sha384", "sha512"})


class HashLists:
    """A catalog that has the lists of hashes read which the others do not need; it has no packages of its own."""

    manager = "hashes"
    pattern = (
        r"var/lib/dpkg/(?:info/[^/]+|status\.d/[^/]+)\.md5sums|(?:.*/)?[^/]+\.dist-info/direct_url\.json"
    )

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """None."""
        return ()


class _CondaPath(msgspec.Struct, frozen=True):
    _path: str = ""
    sha256_in_prefix: str = ""
    sha256: str = ""


class _CondaPaths(msgspec.Struct, frozen=True):
    paths: list[_CondaPath] = []


class _CondaRecord(msgspec.Struct, frozen=True):
    paths_data: _CondaPaths | None = None


@dataclass(slots=True)
class Proofs:
    """Path → the hashes (algorithm, value) that packages of any layer state for it."""

    stated: dict[str, set[tuple[str, bytes]]] = field(default_factory=dict)

    @classmethod
    def of(cls, scans: Iterable[LayerScan]) -> "Proofs":
        """From the package databases of all layers, hidden ones too."""
        proofs = cls()
        for scan in scans:
            files = {scan.entries[place].path: content for place, content in scan.captured.items()}
            for path, content in files.items():
                if path.endswith(_RECORD):
                    direct = files.get(f"{path[: -len('RECORD')]}direct_url.json")
                    proofs._add(_record(path, content) if direct is None else ())
                elif path.endswith(".md5sums"):
                    proofs._add(_md5sums(content))
                elif path.endswith("apk/db/installed"):
                    proofs._add(_apk(content))
                elif "conda-meta/" in path:
                    proofs._add(_conda(path, content))
        return proofs

    def _add(self, rows: Iterable[tuple[str, str, bytes]]) -> None:
        for path, algorithm, value in rows:
            self.stated.setdefault(path, set()).add((algorithm, value))

    def hold(self, path: str, content: Iterable[bytes]) -> bool:
        """Whether a hash is stated for a path, and the content has it."""
        stated = self.stated.get(path)
        if not stated:
            return False
        running = [(hashlib.new(algorithm, usedforsecurity=False), value) for algorithm, value in stated]
        for piece in content:
            for one, _ in running:
                one.update(piece)
        return any(one.digest() == value for one, value in running)


def _record(path: str, content: bytes) -> Iterator[tuple[str, str, bytes]]:
    site = posixpath.dirname(posixpath.dirname(path))
    reader = csv.reader(content.decode("utf-8", "surrogateescape").splitlines())
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        algorithm, _, text = row[1].partition("=") if len(row) > 1 else ("", "", "")
        if algorithm in _STRONG and (value := _base64(text)):
            yield posixpath.normpath(posixpath.join("/", site, row[0])).lstrip("/"), algorithm, value


def _md5sums(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    for line in content.decode("utf-8", "surrogateescape").splitlines():
        text, _, path = line.partition("  ")
        if len(text) == 32 and path and (value := _hexadecimal(text)):
            yield path.lstrip("/"), "md5", value


def _apk(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    folder = path = ""
    for line in content.decode("utf-8", "surrogateescape").splitlines():
        kind, rest = line[:2], line[2:]
        if kind == "F:":
            folder = rest
        elif kind == "R:":
            path = f"{folder}/{rest}".lstrip("/")
        elif kind == "Z:" and rest.startswith("Q1") and path and (value := _base64(rest[2:])):
            yield path, "sha1", value
            path = ""


def _conda(path: str, content: bytes) -> Iterator[tuple[str, str, bytes]]:
    prefix = posixpath.dirname(posixpath.dirname(path))
    try:
        record = msgspec.json.decode(content, type=_CondaRecord)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    for one in record.paths_data.paths if record.paths_data else ():
        if value := _hexadecimal(one.sha256_in_prefix or one.sha256):
            yield posixpath.normpath(posixpath.join("/", prefix, one._path)).lstrip("/"), "sha256", value


def _base64(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
