"""zstd:chunked layers: ordinary zstd to any reader, and files that can be fetched one by one to those who know.

Format: containers/storage, docs/containers-storage-zstd-chunked.md: each file's content is a frame of its own; a
skippable frame at the end holds the table of contents (compressed JSON), another the footer (seven little-endian u64
and a magic). The annotations of the layer say where the table is and what its digest is. No tar-split record is
written, so that a client which wants the tar's exact bytes back fetches the whole layer.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime
from struct import pack
from typing import Any, BinaryIO

import zstandard

from tare.image.blobs import Blob, entry_content
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.mutate import DraftEntry, NewLayer
from tare.image.tarhead import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, HARDLINK, SYMLINK
from tare.image.tarwrite import END, header, padding

_SKIPPABLE = b"\x50\x2a\x4d\x18"
_MAGIC = b"GNUlInUx"
_CRFS = 1
_PREFIX = "io.github.containers.zstd-chunked."
_TYPES = {
    FILE: "reg",
    HARDLINK: "hardlink",
    SYMLINK: "symlink",
    DIRECTORY: "dir",
    CHARACTER: "char",
    BLOCK: "block",
    FIFO: "fifo",
}


class _Output:
    """The blob, hashed on both sides; a frame is open between `begin` and `end`."""

    def __init__(self, target: BinaryIO, level: int) -> None:
        self._target = target
        self._level = level
        self.plain = hashlib.sha256()
        self.stored = hashlib.sha256()
        self.plain_bytes = 0
        self.at = 0
        self._frame: zstandard.ZstdCompressionObj | None = None

    def put(self, data: bytes) -> None:
        """Bytes of the blob."""
        self.stored.update(data)
        self.at += len(data)
        self._target.write(data)

    def write(self, data: bytes) -> None:
        """Plain bytes of the tar."""
        if not data:
            return
        self.plain.update(data)
        self.plain_bytes += len(data)
        if self._frame is None:
            self._frame = zstandard.ZstdCompressor(level=self._level, write_checksum=True).compressobj()
        self.put(self._frame.compress(data))

    def end(self) -> None:
        """End the frame, if one is open."""
        if self._frame is not None:
            self.put(self._frame.flush())
            self._frame = None

    def skippable(self, data: bytes) -> int:
        """A frame that readers of zstd pass over; returns where its data begins."""
        self.put(_SKIPPABLE + pack("<I", len(data)))
        start = self.at
        self.put(data)
        return start


def write_chunked(layer: NewLayer, contents: Contents, settings: Compression, target: BinaryIO) -> Blob:
    """Write a layer; the annotations of the blob are for its descriptor."""
    output = _Output(target, settings.level)
    entries: list[dict[str, Any]] = []
    for entry in layer.entries:
        output.write(header(entry.header))
        record = _record(entry)
        if entry.header.size_bytes:
            output.end()
            record["offset"] = output.at
            running = hashlib.sha256()
            for piece in entry_content(entry, contents):
                running.update(piece)
                output.write(piece)
            output.end()
            record["endOffset"] = output.at
            record["digest"] = f"sha256:{running.hexdigest()}"
            output.write(padding(entry.header.size_bytes))
        elif entry.header.kind == FILE:
            record["digest"] = f"sha256:{hashlib.sha256().hexdigest()}"
        entries.append(record)
    output.write(END)
    output.end()
    table = json.dumps({"version": 1, "entries": entries}, separators=(",", ":"), sort_keys=True).encode()
    packed = zstandard.ZstdCompressor(level=settings.level).compress(table)
    start = output.skippable(packed)
    output.skippable(pack("<7Q", start, len(packed), len(table), _CRFS, 0, 0, 0) + _MAGIC)
    return Blob(
        f"sha256:{output.plain.hexdigest()}",
        f"sha256:{output.stored.hexdigest()}",
        settings.media_type,
        output.at,
        output.plain_bytes,
        {
            f"{_PREFIX}manifest-checksum": f"sha256:{hashlib.sha256(packed).hexdigest()}",
            f"{_PREFIX}manifest-position": f"{start}:{len(packed)}:{len(table)}:{_CRFS}",
        },
    )


def _record(entry: DraftEntry) -> dict[str, Any]:
    head = entry.header
    record: dict[str, Any] = {
        "type": _TYPES[head.kind],
        "name": head.path + ("/" if head.kind == DIRECTORY else ""),
        "mode": head.mode,
        "size": head.size_bytes,
        "uid": head.uid,
        "gid": head.gid,
        "modtime": datetime.fromtimestamp(max(0, head.mtime), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "accesstime": "0001-01-01T00:00:00Z",
        "changetime": "0001-01-01T00:00:00Z",
    }
    if head.link:
        record["linkName"] = head.link
    if head.device:
        record["devMajor"], record["devMinor"] = head.device
    if head.xattrs:
        record["xattrs"] = {
            key: base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()
            for key, value in head.xattrs
        }
    return record
