"""Layers out of DEFLATE streams that exist already, such as those of wheels: nothing large is compressed again.

A gzip file may consist of several members (RFC 1952, 2.2), and what stands in a zip archive is the raw DEFLATE stream of
exactly one file (APPNOTE 4.4.5, method 8). So a large file becomes a member of its own around the stream that it came in;
tar headers and small files between them are compressed together.
"""

import hashlib
import zlib
from typing import BinaryIO

from tare.core.errors import ImageError
from tare.image.blobs import Blob, entry_content
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.limits import MIB
from tare.image.mutate import Deflated, DraftEntry, NewLayer, OnDisk
from tare.image.tarwrite import END, header, padding

LEAST_BYTES = 16 * 1024
"""Smaller files compress better together with their neighbours than in members of their own."""
GLUE_LEVEL = 6
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def stream_of(entry: DraftEntry) -> Deflated | None:
    """The stream that an entry's whole content exists as, where it is worth a member of its own."""
    parts = entry.content.parts if entry.content is not None else ()
    if len(parts) == 1 and isinstance(parts[0], OnDisk) and parts[0].size_bytes >= LEAST_BYTES:
        return parts[0].deflated
    return None


def write_spliced(layer: NewLayer, contents: Contents, settings: Compression, target: BinaryIO) -> Blob:
    """Write a layer as gzip members. The plain tar is read from the unpacked files for its digest, and each stream must
    have the checksum of the file that it stands for. Raises `ImageError` where one does not."""
    blob = _Members(target)
    for entry in layer.entries:
        blob.glue(header(entry.header))
        stream = stream_of(entry)
        if stream is None:
            for piece in entry_content(entry, contents):
                blob.glue(piece)
        else:
            blob.splice(entry, stream, contents)
        blob.glue(padding(entry.header.size_bytes))
    blob.glue(END)
    return blob.done(settings.media_type)


class _Members:
    """The members as they are written; digests of both sides are made on the way."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._plain, self._stored = hashlib.sha256(), hashlib.sha256()
        self._plain_bytes = self._stored_bytes = 0
        self._held: list[bytes] = []
        self._held_bytes = 0

    def glue(self, data: bytes) -> None:
        """Bytes that are compressed here."""
        if data:
            self._plain.update(data)
            self._plain_bytes += len(data)
            self._held.append(data)
            self._held_bytes += len(data)
            if self._held_bytes >= 4 * MIB:
                self._close()

    def splice(self, entry: DraftEntry, stream: Deflated, contents: Contents) -> None:
        """A file as the stream that it came in."""
        self._close()
        size, checksum = 0, 0
        for piece in entry_content(entry, contents):
            self._plain.update(piece)
            checksum = zlib.crc32(piece, checksum)
            size += len(piece)
        self._plain_bytes += size
        if checksum != stream.crc32:
            raise ImageError(
                "the file is not what its compressed stream holds any more",
                where=entry.header.path,
                hint="remove the cache directory and try again",
            )
        self._put(HEAD)
        left = stream.compressed_bytes
        with stream.path.open("rb") as file:
            file.seek(stream.offset)
            while left and (piece := file.read(min(MIB, left))):
                left -= len(piece)
                self._put(piece)
        if left:
            raise ImageError("the archive is shorter than before", where=str(stream.path))
        self._put(checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little"))

    def _close(self) -> None:
        """End the member of what was held."""
        if not self._held:
            return
        data = b"".join(self._held)
        self._held, self._held_bytes = [], 0
        packer = zlib.compressobj(GLUE_LEVEL, zlib.DEFLATED, -15)
        self._put(HEAD + packer.compress(data) + packer.flush())
        self._put(zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little"))

    def _put(self, data: bytes) -> None:
        self._stored.update(data)
        self._stored_bytes += len(data)
        self._target.write(data)

    def done(self, media_type: str) -> Blob:
        """The blob as it was written."""
        self._close()
        return Blob(
            f"sha256:{self._plain.hexdigest()}",
            f"sha256:{self._stored.hexdigest()}",
            media_type,
            self._stored_bytes,
            self._plain_bytes,
        )
