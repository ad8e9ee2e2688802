"""What a path held in any layer, and copies of it on disk: for looking into an analysed image.

Only the layer in question is read again, up to the last entry that is wanted, with little memory. Headers and whole contents
are compared with what was analysed, so that a layer that changed meanwhile is noticed.
"""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import xxhash

from tare.core.errors import ImageError, UsageError
from tare.core.io import UNREADABLE, open_stream
from tare.image.analysis import Analysis
from tare.image.limits import MIB
from tare.image.scan import Entry
from tare.image.tarhead import DIRECTORY, FILE, HARDLINK, SYMLINK, padded, read_header


@dataclass(frozen=True, slots=True)
class Version:
    """One entry of a layer: layer index and place in it, with the entry that holds the content."""

    layer: int
    place: int
    entry: Entry


class Versions:
    """The entries of all layers by path. Layers are indexed from 0."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._places: dict[int, dict[str, int]] = {}

    def find(self, path: str, layer: int) -> Version | None:
        """What `path` was once `layer` (from 0) was applied: the newest entry in it or below; hard links are followed.

        It is for paths that are known to be there: whiteouts are not looked at.
        """
        hops = 40
        while hops:
            for below in range(layer, -1, -1):
                place = self._in(below).get(path)
                if place is not None:
                    break
            else:
                return None
            entry = self._analysis.scans[below].entries[place]
            if entry.kind is not HARDLINK:
                return Version(below, place, entry)
            path, layer, hops = entry.link, below, hops - 1
        return None

    def read(self, version: Version, limit: int | None = None) -> bytes:
        """The content of a file, or its first `limit` bytes. Raises `ImageError`."""
        parts: list[bytes] = []
        for _, pieces in self._contents(version.layer, {version.place: version.entry}):
            left = version.entry.size_bytes if limit is None else limit
            for piece in pieces:
                parts.append(piece[:left])
                left -= len(parts[-1])
                if left <= 0:
                    break
            break
        return b"".join(parts)

    def extract(self, wanted: Mapping[str, Version], target: Path) -> tuple[int, int]:
        """Copy files, directories and symbolic links to `target`, whole or not at all; '' stands for the target itself.

        Gives how many were copied and how many were left out (devices, pipes). Owners are not kept, nor the bits that
        give a file's rights away (setuid, setgid, sticky). Raises `UsageError` where the target exists or cannot be
        written, and `ImageError`.
        """
        if os.path.lexists(target):
            raise UsageError(f"{target} is there already", hint="name another directory")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=".tare-extract-", dir=target.parent))
        except OSError as error:
            raise UsageError(f"cannot write there: {error.strerror}", where=str(target.parent)) from error
        try:
            copied, left = self._copy(wanted, work / "it")
            os.rename(work / "it", target)
        except OSError as error:
            raise UsageError(f"cannot write there: {error.strerror}", where=str(target)) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return copied, left

    def _copy(self, wanted: Mapping[str, Version], root: Path) -> tuple[int, int]:
        """Directories, then files, then links: nothing is ever written through a link."""
        links: list[tuple[Path, str]] = []
        modes: list[tuple[Path, int]] = []
        layers: dict[int, dict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
        left = 0
        if "" not in wanted:
            root.mkdir()
        for path, version in sorted(wanted.items()):
            place = _inside(root, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            entry = version.entry
            if entry.kind is DIRECTORY:
                place.mkdir(exist_ok=True)
                modes.append((place, entry.mode))
            elif entry.kind is FILE:
                layers[version.layer][version.place].append(place)
                modes.append((place, entry.mode))
            elif entry.kind is SYMLINK:
                links.append((place, entry.link))
            else:
                left += 1
        for layer, places in layers.items():
            entries = {number: self._analysis.scans[layer].entries[number] for number in places}
            for number, pieces in self._contents(layer, entries):
                first, *others = places[number]
                with first.open("xb") as file:
                    file.writelines(pieces)
                for other in others:
                    os.link(first, other)
        for link, goal in links:
            os.symlink(goal, link)
        for made, mode in reversed(modes):
            os.chmod(made, mode & 0o777)
        return len(wanted) - left, left

    def _in(self, layer: int) -> dict[str, int]:
        known = self._places.get(layer)
        if known is None:
            entries = self._analysis.scans[layer].entries
            known = self._places[layer] = {entry.path: place for place, entry in enumerate(entries)}
        return known

    def _contents(self, layer: int, wanted: Mapping[int, Entry]) -> Iterator[tuple[int, Iterable[bytes]]]:
        """Each wanted place with its content in pieces, in the order of the layer."""
        image = self._analysis.image
        where = f"layer {layer + 1} of {image.reference}"
        for entry in wanted.values():
            if entry.sparse is not None:
                hint = "copy the image with skopeo first, which stores it whole"
                raise ImageError(f"{entry.path!r} is stored as a sparse file", where=where, hint=hint)
        try:
            with image.open_blob(image.layers[layer]) as blob:
                plain = open_stream(blob)
                for place in range(max(wanted, default=-1) + 1):
                    header = read_header(plain.read, image.limits)
                    if header is None or header.path != self._analysis.scans[layer].entries[place].path:
                        raise ImageError("the layer changed while it was read", where=where)
                    left = padded(header.stored_bytes)
                    if place in wanted:
                        pieces = _Pieces(plain, header.stored_bytes, wanted[place].content)
                        yield place, pieces
                        left -= header.stored_bytes - pieces.left
                    _skip(plain, left, plain is blob)
        except UNREADABLE as error:
            raise ImageError(f"the layer cannot be read: {error}", where=where) from error


class _Pieces:
    """A file's content, a mebibyte at a time; `left` is what was not taken. Its xxh3 hash is checked at its end."""

    def __init__(self, stream: BinaryIO, size: int, content: int) -> None:
        self._stream = stream
        self._content = content
        self._hash = xxhash.xxh3_64()
        self.left = size

    def __iter__(self) -> Iterator[bytes]:
        while self.left:
            try:
                piece = self._stream.read(min(MIB, self.left))
            except UNREADABLE as error:
                raise ImageError(f"the layer cannot be read: {error}") from error
            if not piece:
                raise ImageError("the layer ends early")
            self.left -= len(piece)
            self._hash.update(piece)
            if not self.left and self._hash.intdigest() != self._content:
                raise ImageError("the layer changed while it was read")
            yield piece


def _skip(stream: BinaryIO, size: int, plain: bool) -> None:
    if plain:
        stream.seek(size, os.SEEK_CUR)
        return
    while size > 0:
        piece = stream.read(min(MIB, size))
        if not piece:
            raise ImageError("the layer ends early")
        size -= len(piece)


def _inside(root: Path, path: str) -> Path:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or "\0" in path:
        raise ImageError(f"{path!r} leads out of the directory")
    return root.joinpath(*parts)
