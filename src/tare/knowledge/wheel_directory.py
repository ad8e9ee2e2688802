"""The central directory of a zip file, read with few ranged reads: how big a wheel is once installed.

Format: PKWARE APPNOTE 6.3.9, sections 4.3.12 to 4.3.16 and 4.5.3 (zip64).
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

TAIL_BYTES = 64 * 1024 + 22
MAX_DIRECTORY_BYTES = 64 * 1024 * 1024
_EOCD = b"PK\x05\x06"
_LOCATOR = b"PK\x06\x07"
_EOCD64 = b"PK\x06\x06"
_ENTRY = b"PK\x01\x02"
_FULL32 = 0xFFFFFFFF
_FULL16 = 0xFFFF

# What the transform `prune-environment` takes away, by path.
_PRUNABLE = re.compile(rb"(?:^|/)tests/|(?:^|/)torch/(?:test|include|share/cmake)/|\.a$")

ReadRange = Callable[[int, int], bytes]
"""`read(start, length)`: exactly those bytes of the file."""


@dataclass(frozen=True, slots=True)
class WheelContents:
    """What a wheel unpacks to. `source_bytes` are those of `.py` files, from which pip makes bytecode. `prunable_bytes`
    (`prunable_packed_bytes` in the wheel): tests, headers and static libraries that no running application needs."""

    files: int
    uncompressed_bytes: int
    compressed_bytes: int
    source_bytes: int
    prunable_bytes: int = 0
    prunable_packed_bytes: int = 0


def _zip64_sizes(extra: bytes, uncompressed: int, compressed: int) -> tuple[int, int]:
    position = 0
    while position + 4 <= len(extra):
        identifier, length = struct.unpack_from("<HH", extra, position)
        field = extra[position + 4 : position + 4 + length]
        position += 4 + length
        if identifier != 1:
            continue
        values = [value for (value,) in struct.iter_unpack("<Q", field[: len(field) // 8 * 8])]
        if uncompressed == _FULL32 and values:
            uncompressed = values.pop(0)
        if compressed == _FULL32 and values:
            compressed = values.pop(0)
    return uncompressed, compressed


def _entries(directory: bytes, count: int) -> WheelContents:
    position = files = uncompressed_bytes = compressed_bytes = source_bytes = 0
    prunable = prunable_packed = 0
    for _ in range(count):
        if directory[position : position + 4] != _ENTRY or position + 46 > len(directory):
            raise ValueError("the central directory is damaged")
        compressed, uncompressed, name_length, extra_length, comment_length = struct.unpack_from(
            "<IIHHH", directory, position + 20
        )
        name = directory[position + 46 : position + 46 + name_length]
        extra_at = position + 46 + name_length
        uncompressed, compressed = _zip64_sizes(
            directory[extra_at : extra_at + extra_length], uncompressed, compressed
        )
        position = extra_at + extra_length + comment_length
        if name.endswith(b"/"):
            continue
        files += 1
        uncompressed_bytes += uncompressed
        compressed_bytes += compressed
        if _PRUNABLE.search(name):
            prunable += uncompressed
            prunable_packed += compressed
        source_bytes += uncompressed if name.endswith(b".py") else 0
    return WheelContents(files, uncompressed_bytes, compressed_bytes, source_bytes, prunable, prunable_packed)


def _directory_place(tail: bytes, tail_at: int, read: ReadRange) -> tuple[int, int, int]:
    """Entry count, size and offset of the central directory."""
    end = tail.rfind(_EOCD)
    if end < 0 or end + 22 > len(tail):
        raise ValueError("no end of central directory: not a zip file")
    count, size, offset = struct.unpack_from("<HII", tail, end + 10)
    if count != _FULL16 and _FULL32 not in (size, offset):
        return count, size, offset
    if end < 20 or tail[end - 20 : end - 16] != _LOCATOR:
        raise ValueError("the zip64 locator is missing")
    (record_at,) = struct.unpack_from("<Q", tail, end - 12)
    within = record_at - tail_at
    record = tail[within : within + 56] if 0 <= within <= len(tail) - 56 else read(record_at, 56)
    if record[:4] != _EOCD64 or len(record) < 56:
        raise ValueError("the zip64 end of central directory is damaged")
    count, size, offset = struct.unpack_from("<QQQ", record, 32)
    return count, size, offset


def read_contents(size_bytes: int, read: ReadRange, tail: bytes | None = None) -> WheelContents:
    """The contents of a zip file of `size_bytes`; `tail` is its end where that was read already.

    Raises `ValueError` for what is no zip file, is damaged, or has a directory of more than 64 MiB.
    """
    if tail is None:
        length = min(size_bytes, TAIL_BYTES)
        tail = read(size_bytes - length, length)
    tail_at = size_bytes - len(tail)
    count, size, offset = _directory_place(tail, tail_at, read)
    if size > MAX_DIRECTORY_BYTES or offset + size > size_bytes or count * 46 > size:
        raise ValueError("the central directory's place is impossible")
    within = offset - tail_at
    directory = tail[within : within + size] if within >= 0 else read(offset, size)
    return _entries(directory, count)
