"""Careful I/O: files appear whole or not at all; compressed streams open the same way."""

import bz2
import lzma
import os
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

import zstandard
from isal import igzip, isal_zlib

MAGIC_GZIP = b"\x1f\x8b"
MAGIC_ZSTD = b"\x28\xb5\x2f\xfd"
MAGIC_XZ = b"\xfd7zXZ\x00"
MAGIC_BZIP2 = b"BZh"
UNREADABLE: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    zlib.error,
    cast(type[Exception], isal_zlib.error),
    zstandard.ZstdError,
    lzma.LZMAError,
)
"""What reading a stream of `open_stream` may raise for broken or missing data."""


def open_stream(raw: BinaryIO) -> BinaryIO:
    """A readable stream of the plain bytes of a seekable file: gzip, zstd, xz and bzip2 by their magic."""
    start = raw.tell()
    magic = raw.read(6)
    raw.seek(start)
    if magic.startswith(MAGIC_GZIP):
        return cast(BinaryIO, igzip.IGzipFile(fileobj=raw, mode="rb"))  # type: ignore[no-untyped-call]
    if magic.startswith(MAGIC_ZSTD):
        return cast(BinaryIO, zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True))
    if magic.startswith(MAGIC_XZ):
        return cast(BinaryIO, lzma.open(raw))
    if magic.startswith(MAGIC_BZIP2):
        return cast(BinaryIO, bz2.open(raw))
    return raw


def write_all(files: Mapping[Path, str]) -> None:
    """Write several text files (UTF-8, line endings as given), all or none.

    Every file is first written beside its target and synced; then all are renamed into place. When a rename
    fails, the targets already replaced get their old bytes back. An existing file keeps its mode.
    """
    staged: list[tuple[Path, Path]] = []
    replaced: list[tuple[Path, bytes | None]] = []
    try:
        for target, text in files.items():
            mode = target.stat().st_mode & 0o7777 if target.exists() else 0o644
            descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            staged.append((Path(name), target))
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(text.encode())
                handle.flush()
                os.fsync(handle.fileno())
            os.chmod(name, mode)
        for temporary, target in staged:
            old = target.read_bytes() if target.exists() else None
            os.replace(temporary, target)
            replaced.append((target, old))
    except BaseException:
        for target, old in reversed(replaced):
            if old is None:
                target.unlink(missing_ok=True)
            else:
                target.write_bytes(old)
        raise
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
