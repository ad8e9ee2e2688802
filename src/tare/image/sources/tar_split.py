"""A layer's exact tar, put together from tar-split and the files of its directory.

Format: https://github.com/vbatts/tar-split, JSON lines in gzip: segments hold raw bytes (headers, padding), file
entries name what stands between them. Nothing here is trusted: whoever reads compares the diff ID.
"""

import io
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec
from isal import igzip

from tare.core.errors import ImageError
from tare.image.limits import MIB

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_FILE, _SEGMENT = 1, 2
_LINE = 64 * MIB
_HOPS = 40


class _Entry(msgspec.Struct, frozen=True):
    type: int
    name: str = ""
    raw_name: bytes = msgspec.field(name="name_raw", default=b"")
    size: int = 0
    payload: bytes | None = None


_DECODER = msgspec.json.Decoder(_Entry)


class TarSplitReader(io.RawIOBase):
    """The tar of one layer as a stream. Reading on is cheap, jumping back starts over."""

    def __init__(self, index: Path, folder: Path, what: str) -> None:
        super().__init__()
        self._index = index
        self._tree = _Tree(folder, what)
        self._what = what
        self._pieces: Iterator[bytes | tuple[str, int]] = iter(())
        self._segment = memoryview(b"")
        self._file: BinaryIO | None = None
        self._left = 0
        self._at = 0
        self._restart()

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Jump; `SEEK_END` is not known here and raises `OSError`."""
        if whence not in (io.SEEK_SET, io.SEEK_CUR):
            raise OSError("the end of a reassembled layer is not known")
        target = offset + (self._at if whence == io.SEEK_CUR else 0)
        if target < 0:
            raise OSError("seek before the start")
        if target < self._at:
            self._restart()
        scratch = bytearray(min(MIB, max(1, target - self._at)))
        while self._at < target:
            if not self.readinto(memoryview(scratch)[: target - self._at]):
                break
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read on. Raises `ImageError` where the directory no longer holds what the layer had."""
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        while not self._segment and not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            if isinstance(piece, bytes):
                self._segment = memoryview(piece)
            else:
                self._close_file()
                self._file = self._tree.open(*piece)
                self._left = piece[1]
        if self._segment:
            count = min(len(view), len(self._segment))
            view[:count] = self._segment[:count]
            self._segment = self._segment[count:]
        else:
            assert self._file is not None
            count = self._file.readinto(view[: self._left])  # type: ignore[attr-defined]
            if not count:
                raise ImageError(
                    "a file of the layer became shorter", where=self._what, hint="pull the image again"
                )
            self._left -= count
        self._at += count
        return count

    def _restart(self) -> None:
        self._close_file()
        self._pieces = _pieces(self._index, self._what)
        self._segment, self._left, self._at = memoryview(b""), 0, 0

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Close what is open."""
        self._close_file()
        self._tree.close()
        super().close()


def _pieces(index: Path, what: str) -> Iterator[bytes | tuple[str, int]]:
    """Segments as bytes, files with content as (name, size)."""
    try:
        with index.open("rb") as raw, igzip.IGzipFile(fileobj=raw, mode="rb") as lines:  # type: ignore[no-untyped-call]
            while line := lines.readline(_LINE):  # type: ignore[no-untyped-call]
                entry = _DECODER.decode(line)
                if entry.type == _SEGMENT:
                    if entry.payload:
                        yield entry.payload
                elif entry.type == _FILE:
                    if entry.size > 0:
                        name = entry.raw_name or entry.name.encode("utf-8", "surrogateescape")
                        yield os.fsdecode(name), entry.size
                else:
                    raise ImageError(f"an unknown tar-split entry of type {entry.type}", where=what)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError, ValueError) as error:
        if isinstance(error, PermissionError):
            raise _forbidden(index, what) from error
        raise ImageError(f"broken tar-split: {error}", where=what, hint="pull the image again") from error


class _Tree:
    """A layer's directory, in which no symbolic link leads outside."""

    def __init__(self, folder: Path, what: str) -> None:
        self._what = what
        self._folder = folder
        self._parents: dict[str, str] = {"": ""}
        try:
            self._root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            if isinstance(error, PermissionError):
                raise _forbidden(folder, what) from error
            raise ImageError(
                f"{folder}: {error.strerror}", where=what, hint="pull the image again"
            ) from error

    def close(self) -> None:
        """Close the directory."""
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def open(self, name: str, size: int) -> BinaryIO:
        """A regular file with that size, else `ImageError`."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if not parts or ".." in parts:
            raise ImageError(f"a path that leads out of the layer: {name!r}", where=self._what)
        parent = self._resolve("/".join(parts[:-1]))
        path = f"{parent}/{parts[-1]}" if parent else parts[-1]
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._root)
        except OSError as error:
            if isinstance(error, PermissionError):
                raise _forbidden(self._folder / path, self._what) from error
            raise self._changed(name, error.strerror or "cannot be read") from error
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            os.close(descriptor)
            raise self._changed(name, "it is not the file that the layer had")
        return cast(BinaryIO, os.fdopen(descriptor, "rb", buffering=0))

    def _resolve(self, folder: str) -> str:
        """The directory without symbolic links; those of the layer are followed within it."""
        known = self._parents.get(folder)
        if known is not None:
            return known
        done: list[str] = []
        todo = folder.split("/")[::-1]
        hops = _HOPS
        while todo:
            part = todo.pop()
            if part in ("", "."):
                continue
            if part == "..":
                done = done[:-1]
                continue
            path = "/".join((*done, part))
            try:
                link = os.readlink(path, dir_fd=self._root)
            except OSError:
                done.append(part)  # no link; opening it tells what it is
                continue
            hops -= 1
            if hops < 0:
                raise self._changed(folder, "a cycle of symbolic links")
            if link.startswith("/"):
                done = []
            todo.extend(link.split("/")[::-1])
        self._parents[folder] = "/".join(done)
        return self._parents[folder]

    def _changed(self, name: str, reason: str) -> ImageError:
        return ImageError(
            f"{name!r} of the layer: {reason}",
            where=self._what,
            hint="the store was altered; pull the image again",
        )


def _forbidden(path: Path, what: str) -> ImageError:
    return ImageError(
        f"{path}: permission denied", where=what, hint="run as the store's owner, or within: podman unshare"
    )
