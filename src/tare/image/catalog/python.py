"""Python distributions: `NAME.dist-info` (METADATA, RECORD) and `NAME.egg-info`.

Formats: packaging.python.org, "Recording installed projects", "Core metadata". Distributions that another one
carries inside itself (`pip/_vendor`, `setuptools/_vendor`) are no installed packages and are left out.
"""

import csv
import posixpath
from collections.abc import Iterable, Mapping

from tare.image.catalog.package import Package

_DIST = ".dist-info/METADATA"


class PythonCatalog:
    """Installed distributions, wherever their metadata directories are."""

    manager = "python"
    pattern = (
        r"(?:.*/)?[^/]+(?:\.dist-info/(?:METADATA|RECORD)|\.egg-info|\.egg-info/(?:PKG-INFO|installed-files\.txt"
        r"|SOURCES\.txt))"
    )

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """See `Catalog.read`."""
        for path in sorted(files):
            if not path.endswith((_DIST, ".egg-info/PKG-INFO", ".egg-info")) or "/_vendor/" in path:
                continue
            fields = _headers(files[path].decode("utf-8", "replace"))
            name, version = fields.get("name", ""), fields.get("version", "")
            if not name or not version:
                continue
            yield Package("python", name, version, tuple(_files(path, files)), None, path)


def _headers(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        if not line.strip():
            break
        key, colon, value = line.partition(":")
        if colon and key[:1] not in (" ", "\t"):
            fields.setdefault(key.lower(), value.strip())
    return fields


def _files(path: str, files: Mapping[str, bytes]) -> Iterable[str]:
    folder = posixpath.dirname(path)
    if path.endswith(_DIST):
        site = posixpath.dirname(folder)
        record = files.get(f"{folder}/RECORD", b"").decode("utf-8", "surrogateescape")
        for row in _rows(record):
            yield from _from_root(site, row)
    elif path.endswith("/PKG-INFO"):
        listed = files.get(f"{folder}/installed-files.txt", b"").decode("utf-8", "surrogateescape")
        for line in listed.splitlines():
            yield from _from_root(folder, line.strip())


def _rows(record: str) -> Iterable[str]:
    reader = csv.reader(record.splitlines(), strict=False)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        if row and row[0]:
            yield row[0]


def _from_root(folder: str, name: str) -> Iterable[str]:
    full = posixpath.normpath(posixpath.join("/", folder, name)).lstrip("/")
    if name and full:
        yield full
