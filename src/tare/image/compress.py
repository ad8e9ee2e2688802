"""Compressing layers: a stream of plain bytes in, a blob out. The same bytes and settings give the same blob.

gzip levels 1 to 3 are isal's (about 400 MB/s), 4 to 9 zlib's; zstd levels are zstd's own. Neither writes a time or
a name, so that digests repeat.
"""

import zlib
from dataclasses import dataclass
from typing import Literal, Protocol

import zstandard
from isal import isal_zlib

from tare.core.errors import UsageError

Codec = Literal["none", "gzip", "zstd", "zstd:chunked"]
CODECS: tuple[Codec, ...] = ("none", "gzip", "zstd", "zstd:chunked")
_LEVELS = {"gzip": (1, 9), "zstd": (1, 22), "zstd:chunked": (1, 22)}
_DEFAULTS = {"gzip": 2, "zstd": 3, "zstd:chunked": 3}
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_MEDIA_TYPES = {
    "none": "application/vnd.oci.image.layer.v1.tar",
    "gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
    "zstd:chunked": "application/vnd.oci.image.layer.v1.tar+zstd",
}


class Compressor(Protocol):
    """Takes plain bytes, gives compressed ones."""

    def compress(self, data: bytes) -> bytes:
        """What can be given so far."""

    def flush(self) -> bytes:
        """The rest."""


@dataclass(frozen=True, slots=True)
class Compression:
    """A codec with its level."""

    codec: Codec
    level: int = 0

    @property
    def media_type(self) -> str:
        """The OCI media type of such a layer."""
        return _MEDIA_TYPES[self.codec]


def compression(codec: str, level: int | None) -> Compression:
    """Check what a user asked for; None is the codec's usual level. Raises `UsageError`."""
    for known in CODECS:
        if codec == known:
            if known == "none":
                return Compression(known)
            low, high = _LEVELS[known]
            chosen = _DEFAULTS[known] if level is None else level
            if not low <= chosen <= high:
                raise UsageError(f"{known} has no level {level}", hint=f"{low} to {high}")
            return Compression(known, chosen)
    raise UsageError(f"no such compression: {codec}", hint=f"one of {', '.join(CODECS)}")


def compressor(settings: Compression) -> Compressor:
    """A fresh compressor of one stream."""
    match settings.codec:
        case "none":
            return _Plain()
        case "gzip":
            return _Gzip(settings.level)
        case _:
            return zstandard.ZstdCompressor(
                level=settings.level, threads=2, write_checksum=True
            ).compressobj()


class _Plain:
    def compress(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


class _Gzip:
    """RFC 1952: a header without time and name, raw deflate, checksum and size."""

    def __init__(self, level: int) -> None:
        self._deflate: Compressor = (
            isal_zlib.compressobj(level, isal_zlib.DEFLATED, -15)
            if level <= 3
            else zlib.compressobj(level, zlib.DEFLATED, -15)
        )
        self._sum = 0
        self._size = 0
        self._head = _GZIP_HEADER

    def compress(self, data: bytes) -> bytes:
        self._sum = zlib.crc32(data, self._sum)
        self._size += len(data)
        head, self._head = self._head, b""
        return head + self._deflate.compress(data)

    def flush(self) -> bytes:
        size = self._size & 0xFFFFFFFF
        return (
            self._head + self._deflate.flush() + self._sum.to_bytes(4, "little") + size.to_bytes(4, "little")
        )
