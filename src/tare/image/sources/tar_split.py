"""A layer's exact tar, put together from tar-split and the files of its directory.

Format: https://github.com/vbatts/tar-split, JSON lines in gzip: segments hold raw bytes (headers, padding), file
entries name what stands between them. Nothing here is trusted: whoever reads compares the diff ID.
"""

import io
import os
import shutil
import stat
import tempfile
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
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
    """The tar of one layer as a stream. Where each piece begins is remembered as it is read: jumping back costs the
    reading of one line."""

    def __init__(self, index: Path, folder: Path, what: str) -> None:
        super().__init__()
        self._tree = _Tree(folder, what)
        self._what = what
        self._pieces = _Pieces(index, what)
        self._segment = memoryview(b"")
        self._file: BinaryIO | None = None
        self._left = 0
        self._at = 0

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
        here = self._at <= target <= self._at + len(self._segment) + self._left
        if target < self._at or (not here and self._pieces.seen > self._at):
            self._close_file()
            self._segment, self._left = memoryview(b""), 0
            self._at = self._pieces.go_to(target)
        while self._at < target and (self._segment or self._left or self._open_next()):
            step = min(target - self._at, len(self._segment) + self._left)
            if self._segment:
                self._segment = self._segment[step:]
            else:
                assert self._file is not None
                self._file.seek(step, io.SEEK_CUR)
                self._left -= step
            self._at += step
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read on. Raises `ImageError` where the directory no longer holds what the layer had."""
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        if not self._segment and not self._left and not self._open_next():
            return 0
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

    def _open_next(self) -> bool:
        """Take up the next piece; False at the end."""
        piece = self._pieces.read(self._at)
        if piece is None:
            return False
        if isinstance(piece, bytes):
            self._segment = memoryview(piece)
        else:
            self._close_file()
            self._file = self._tree.open(*piece)
            self._left = piece[1]
        return True

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Close what is open."""
        self._close_file()
        self._pieces.close()
        self._tree.close()
        super().close()


class _Pieces:
    """The lines of a tar-split that hold content: segments as bytes, files as (name, size). The first reading goes through
    the compressed index; to go back, it is unpacked into a temporary file."""

    def __init__(self, index: Path, what: str) -> None:
        self._index = index
        self._what = what
        self._lines: BinaryIO | None = None
        self._unpacked = False
        self._line = 0
        # Of each piece so far: where it begins in the tar, and where its line begins in the unpacked index.
        self._starts = array("q")
        self._line_starts = array("q")

    @property
    def seen(self) -> int:
        """Where the furthest piece so far begins in the tar."""
        return self._starts[-1] if self._starts else 0

    def go_to(self, target: int) -> int:
        """Stand before the last known piece that begins at `target` or before; returns where that is in the tar."""
        piece = bisect_right(self._starts, target) - 1
        if piece < 0:
            return 0
        with _told(self._index, self._what):
            if not self._unpacked:
                self._unpack()
            assert self._lines is not None
            self._line = self._line_starts[piece]
            self._lines.seek(self._line)
        return self._starts[piece]

    def read(self, at: int) -> bytes | tuple[str, int] | None:
        """The next piece, which begins at `at` in the tar; None at the end."""
        with _told(self._index, self._what):
            if self._lines is None:
                self._lines = cast(BinaryIO, igzip.open(self._index, "rb"))  # type: ignore[no-untyped-call]
            while line := self._lines.readline(_LINE):
                begin, self._line = self._line, self._line + len(line)
                entry = _DECODER.decode(line)
                if entry.type == _SEGMENT:
                    found: bytes | tuple[str, int] = entry.payload or b""
                elif entry.type == _FILE:
                    name = entry.raw_name or entry.name.encode("utf-8", "surrogateescape")
                    found = (os.fsdecode(name), entry.size) if entry.size > 0 else b""
                else:
                    raise ImageError(f"an unknown tar-split entry of type {entry.type}", where=self._what)
                if found:
                    if not self._starts or at > self._starts[-1]:
                        self._starts.append(at)
                        self._line_starts.append(begin)
                    return found
        return None

    def close(self) -> None:
        """Close what is open."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None

    def _unpack(self) -> None:
        self.close()
        self._lines = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 — closed by close()
        self._unpacked = True
        with cast(BinaryIO, igzip.open(self._index, "rb")) as packed:  # type: ignore[no-untyped-call]
            shutil.copyfileobj(packed, self._lines, MIB)


@contextmanager
def _told(index: Path, what: str) -> Iterator[None]:
    """Errors of the index as errors of the image."""
    try:
        yield
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
