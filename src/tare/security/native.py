"""Native libraries that wheels carry inside themselves, which no package database lists: told by their version texts.

The texts are those that each library's own version function returns (OPENSSL_VERSION_TEXT, deflate_copyright, curl_version and so
on), so that a name of a file proves nothing by itself. A library without such a text is not reported.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.tarhead import FILE

_PIECE = 8 * 1024 * 1024
_OVERLAP = 256
_ELF = b"\x7fELF"
_TEXTS: tuple[tuple[str, bytes], ...] = (
    ("openssl", rb"OpenSSL (\d+\.\d+\.\d+[a-z]{0,2}) +\d{1,2} [A-Z][a-z]{2} \d{4}"),
    ("zlib", rb"(?:de|in)flate (\d+\.\d+(?:\.\d+){0,2}) Copyright 1995-"),
    ("curl", rb"libcurl/(\d+\.\d+\.\d+)"),
    ("libpng", rb"libpng version (\d+\.\d+\.\d+)"),
    ("libjpeg-turbo", rb"libjpeg-turbo version (\d+\.\d+(?:\.\d+)?)"),
    ("libtiff", rb"LIBTIFF, Version (\d+\.\d+\.\d+)"),
    ("ffmpeg", rb"FFmpeg version n?(\d+\.\d+(?:\.\d+)?)"),
    ("openblas", rb"OpenBLAS (\d+\.\d+\.\d+)"),
    ("expat", rb"expat_(\d+\.\d+\.\d+)"),
    ("hdf5", rb"HDF5 library version (\d+\.\d+\.\d+)"),
    ("bzip2", rb"\x00(\d+\.\d+\.\d+), \d{1,2}-[A-Z][a-z]{2}-\d{4}\x00"),
    ("libarchive", rb"\x00libarchive (\d+\.\d+\.\d+)\x00"),
    ("sqlite", rb"\x00(3\.\d+\.\d+)\x00(?=.{0,200}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [0-9a-f]{64})"),
)
_ANY = tuple((name, re.compile(pattern, re.DOTALL)) for name, pattern in _TEXTS)
_LATIN1 = re2.Options()
_LATIN1.encoding = re2.Options.Encoding.LATIN1
_HINT = re2.compile(
    rb"OpenSSL |flate \d|libcurl/|libpng v|libjpeg-turbo v|LIBTIFF, V|FFmpeg v|OpenBLAS \d|expat_|HDF5 lib|-\d{4}\x00|libarchive "
    rb"|\x003\.",
    _LATIN1,
)


@dataclass(frozen=True, slots=True)
class Bundled:
    """A library in a file of a wheel. `text` is the version text that tells; `owner` the distribution that brought the file."""

    name: str
    version: str
    path: str
    owner: str
    owner_version: str
    text: str


def bundled(analysis: Analysis, contents: Contents) -> tuple[Bundled, ...]:
    """What every shared library of a Python distribution holds, by path and name."""
    found: set[Bundled] = set()
    seen: set[int] = set()
    for package in analysis.packages:
        if package.manager != "python":
            continue
        for path in package.files:
            if ".so" not in path.rpartition("/")[2]:
                continue
            node = analysis.tree.resolve(path)
            if (
                node is None
                or node.inode.entry.kind is not FILE
                or id(node.inode) in seen
                or node.inode.entry.sparse is not None
            ):
                continue
            seen.add(id(node.inode))
            size = node.inode.entry.size_bytes
            if contents.read(node.inode, 0, 4) != _ELF:
                continue
            for at in range(0, size, _PIECE):
                for name, version, text in texts_of(contents.read(node.inode, at, _PIECE + _OVERLAP)):
                    found.add(Bundled(name, version, f"/{node.path}", package.name, package.version, text))
    return tuple(sorted(found, key=lambda one: (one.path, one.name, one.version)))


def texts_of(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Library, version and version text for each that bytes hold."""
    if _HINT.search(data) is None:
        return
    for name, pattern in _ANY:
        for match in {one[0]: one for one in pattern.finditer(data)}.values():
            yield name, match[1].decode("ascii"), match[0].strip(b"\0").decode("latin-1")
