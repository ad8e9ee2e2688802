"""Careful I/O: files appear whole or not at all; compressed streams open the same way."""

import bz2
import lzma
import os
import stat
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import zstandard
from isal import igzip, isal_zlib

from tare.core.errors import OutputError

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
    fails, the targets already replaced get their old bytes back. An existing file keeps its mode and owner; a link stays
    a link, and the file that it leads to is written. Raises `OutputError`.
    """
    staged: list[tuple[Path, Path]] = []
    replaced: list[tuple[Path, bytes | None]] = []
    target = Path()
    try:
        for target, text in files.items():
            real = Path(os.path.realpath(target))
            staged.append((_staged(real, text), real))
        for temporary, target in staged:
            old = target.read_bytes() if target.exists() else None
            os.replace(temporary, target)
            replaced.append((target, old))
    except BaseException as error:
        for done, old in reversed(replaced):
            if old is None:
                done.unlink(missing_ok=True)
            else:
                done.write_bytes(old)
        if isinstance(error, OSError):
            raise OutputError(
                f"cannot be written: {error.strerror}", where=str(target), hint="nothing was changed"
            ) from error
        raise
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _staged(target: Path, text: str) -> Path:
    """The text in a file beside its target, with the target's mode and owner; nothing is left when that fails."""
    before = target.stat() if target.exists() else None
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(text.encode())
            handle.flush()
            os.fsync(handle.fileno())
        if before is not None and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(PermissionError):
                os.chown(name, before.st_uid, before.st_gid)
        os.chmod(name, stat.S_IMODE(before.st_mode) if before is not None else 0o644)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)
