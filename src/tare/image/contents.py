"""Random access to what the files of an image hold, without unpacking it: where each tar entry's bytes stand.

Layers that are stored compressed are unpacked to unnamed temporary files; the others are read where they are. Nothing is
opened, unpacked or looked through before something of that layer is asked for. Open it after `analyse`, which has verified
every digest.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from threading import RLock
from types import TracebackType
from typing import BinaryIO, Self

from tare.core.errors import ImageError
from tare.core.io import open_stream
from tare.image.analysis import Analysis
from tare.image.limits import MIB
from tare.image.sources.archive import unpack
from tare.image.tarhead import padded, read_header
from tare.image.tree import Inode

_PIECE = MIB


class Contents:
    """The bytes of an analysed image's files, by their `Inode`. Use it in a `with` block; safe for several threads."""

    def __init__(self, analysis: Analysis, plain_bytes: tuple[int, ...] | None = None) -> None:
        """`plain_bytes`: the sizes of the layers' tars where they are known without having been read."""
        self._analysis = analysis
        self._resources = ExitStack()
        layers = analysis.image.layers
        self._files: list[BinaryIO | None] = [None] * len(layers)
        self._offsets: list[list[int] | None] = [None] * len(layers)
        self._locks = [RLock() for _ in layers]
        self._opening = RLock()
        self.plain_bytes: tuple[int, ...] = (
            tuple(scan.plain_bytes for scan in analysis.scans) if plain_bytes is None else plain_bytes
        )
        """The size of each layer's plain tar."""

    def _file(self, place: int) -> BinaryIO:
        """A layer's plain tar; its lock is held."""
        known = self._files[place]
        if known is None:
            with self._opening:
                known = self._files[place] = self._plain(self._analysis, place)
        return known

    def _plain(self, analysis: Analysis, place: int) -> BinaryIO:
        layer = analysis.image.layers[place]
        what = f"layer {place + 1} of {analysis.image.reference}"
        blob = self._resources.enter_context(analysis.image.open_blob(layer))
        plain = open_stream(blob)
        return blob if plain is blob else unpack(plain, what, analysis.image.limits, self._resources)

    def _offset(self, inode: Inode) -> int:
        """Where a file's bytes begin in its layer."""
        with self._locks[inode.layer]:
            known = self._offsets[inode.layer]
            if known is None:
                known = self._offsets[inode.layer] = self._index(self._analysis, inode.layer)
        return known[inode.place]

    def _index(self, analysis: Analysis, place: int) -> list[int]:
        limits = analysis.image.limits
        offsets: list[int] = []
        at = 0

        def read(size: int) -> bytes:
            nonlocal at
            found = self.raw(place, at, size)
            at += len(found)
            return found

        while (header := read_header(read, limits)) is not None:
            offsets.append(at)
            at += padded(header.stored_bytes)
        if len(offsets) != len(analysis.scans[place].entries):
            raise ImageError("the layer changed while it was read", where=analysis.image.layers[place].digest)
        return offsets

    def read(self, inode: Inode, start: int = 0, size: int | None = None) -> bytes:
        """`size` bytes of a regular file from `start`; all that is left where `size` is None."""
        entry = inode.entry
        if entry.sparse is not None:
            raise ImageError(
                f"{entry.path!r} is stored as a sparse file",
                where=f"layer {inode.layer + 1}",
                hint="copy the image with skopeo first, which stores it whole",
            )
        left = max(0, entry.size_bytes - start)
        return self.raw(
            inode.layer,
            self._offset(inode) + start,
            left if size is None else min(size, left),
        )

    def pieces(self, inode: Inode, start: int, size: int) -> Iterator[bytes]:
        """A part of a file, a mebibyte at a time."""
        at = start
        while at < start + size:
            piece = self.read(inode, at, min(_PIECE, start + size - at))
            if not piece:
                raise ImageError(f"the content of {inode.entry.path!r} ends early")
            yield piece
            at += len(piece)

    def raw(self, layer: int, offset: int, size: int) -> bytes:
        """Bytes of a layer's plain tar."""
        parts = []
        with self._locks[layer]:
            file = self._file(layer)
            file.seek(offset)
            while size > 0 and (piece := file.read(size)):
                parts.append(piece)
                size -= len(piece)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Remove the temporary copies."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
