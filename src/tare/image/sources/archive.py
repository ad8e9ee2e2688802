"""Random access to the members of an uncompressed tar file: only its headers are read."""

import io
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from tare.core.errors import ImageError
from tare.core.io import UNREADABLE, open_stream
from tare.image.limits import MIB, Limits
from tare.image.tarhead import DIRECTORY, FILE, HARDLINK, SYMLINK, clean_path, padded, read_header

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_HOPS = 16


@dataclass(frozen=True, slots=True)
class _Member:
    kind: str
    offset: int
    size: int
    link: str


class RegionReader(io.RawIOBase):
    """A part of a file as a stream of its own; several may read one descriptor at once."""

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._offset = offset
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Bytes from the part's start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move within the part."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("seek before the start")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read at the present place."""
        view = memoryview(buffer).cast("B")
        left = self._size - self._at
        if left <= 0 or not len(view):
            return 0
        count = os.preadv(self._descriptor, [view[:left]], self._offset + self._at)
        self._at += count
        return count


class Archive:
    """The members of a tar file by their cleaned path. A later entry replaces an earlier one."""

    def __init__(self, file: BinaryIO, what: str, limits: Limits) -> None:
        self.what = what
        self._file = file  # keeps the descriptor open
        self._descriptor = file.fileno()
        self._members = self._index(limits)

    def _index(self, limits: Limits) -> dict[str, _Member]:
        end = os.fstat(self._descriptor).st_size
        members: dict[str, _Member] = {}
        at = 0

        def read(size: int) -> bytes:
            nonlocal at
            found = os.pread(self._descriptor, size, at)
            at += len(found)
            return found

        try:
            while (header := read_header(read, limits)) is not None:
                if at + header.stored_bytes > end:
                    raise ImageError(f"the archive ends within {header.path!r}")
                if header.kind in (FILE, SYMLINK, HARDLINK):
                    members[header.path] = _Member(header.kind, at, header.stored_bytes, header.link)
                elif header.kind != DIRECTORY:
                    raise ImageError(f"{header.path!r} is neither file, link nor directory")
                at += padded(header.stored_bytes)
                if len(members) > limits.layers * 8:
                    raise ImageError("too many members in the archive")
        except ImageError as error:
            hint = error.hint or "is it an image archive, and complete? save the image again"
            raise ImageError(error.message, where=self.what, hint=hint) from error
        return members

    def __contains__(self, path: str) -> bool:
        return path in self._members

    def names(self) -> tuple[str, ...]:
        """Every path of a file or link."""
        return tuple(self._members)

    def _find(self, path: str) -> _Member:
        wanted = path
        for _ in range(_HOPS):
            member = self._members.get(wanted)
            if member is None:
                break
            if member.kind == FILE:
                return member
            base = wanted.rpartition("/")[0] if member.kind == SYMLINK else ""
            wanted = clean_path(f"/{base}/{member.link}")
        raise ImageError(
            f"{path!r} is missing", where=self.what, hint="the archive is incomplete; save it again"
        )

    def size(self, path: str) -> int:
        """The size of a member; links are followed."""
        return self._find(path).size

    def witness(self, path: str) -> str | None:
        """The identity of a member's bytes; None in a temporary copy, which is new each time."""
        status = os.fstat(self._descriptor)
        if not status.st_nlink:
            return None
        member = self._find(path)
        return f"{identity(status)} {member.offset} {member.size}"

    def open(self, path: str) -> BinaryIO:
        """A member as a stream; raises `ImageError` when it is missing."""
        member = self._find(path)
        return cast(BinaryIO, RegionReader(self._descriptor, member.offset, member.size))

    def read(self, path: str, limit: int) -> bytes:
        """A small member's bytes; raises `ImageError` past `limit`."""
        if self.size(path) > limit:
            raise ImageError(
                f"{path!r} has {self.size(path)} bytes, more than {limit}",
                where=self.what,
                hint="the image is damaged or hostile",
            )
        return self.open(path).read()


def identity(status: os.stat_result) -> str:
    """A text that changes when a file is written or replaced."""
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return " ".join(map(str, (status.st_dev, status.st_ino, status.st_size, *times)))


def open_archive(path: Path, what: str, limits: Limits, resources: ExitStack) -> Archive:
    """Open a tar file; a compressed one is unpacked to an unnamed temporary file first."""
    try:
        raw: BinaryIO = resources.enter_context(path.open("rb"))
        if not path.is_file():  # a pipe or a device: it cannot be read from any place
            raw = unpack(raw, what, limits, resources)
            raw.seek(0)
    except OSError as error:
        raise _unreadable(error, what) from error
    return archive_of(raw, what, limits, resources)


def archive_of(raw: BinaryIO, what: str, limits: Limits, resources: ExitStack) -> Archive:
    """The archive in an open file; a compressed one is unpacked to an unnamed temporary file first."""
    try:
        plain = open_stream(raw)
        if plain is not raw:
            raw = unpack(plain, what, limits, resources)
    except UNREADABLE as error:
        raise _unreadable(error, what) from error
    return Archive(raw, what, limits)


def read_stdin(stream: BinaryIO, limits: Limits, resources: ExitStack) -> Archive:
    """The archive that comes through a pipe, by way of an unnamed temporary file."""
    try:
        spooled = unpack(stream, "-", limits, resources)
    except OSError as error:
        raise _unreadable(error, "-") from error
    spooled.seek(0)
    return archive_of(spooled, "-", limits, resources)


def _unreadable(error: Exception, what: str) -> ImageError:
    reason = getattr(error, "strerror", None) or str(error)
    return ImageError(f"cannot be read: {reason}", where=what, hint="save or copy the image again")


def unpack(stream: BinaryIO, what: str, limits: Limits, resources: ExitStack) -> BinaryIO:
    """Copy a stream to an unnamed temporary file that lives as long as the image."""
    target = tempfile.TemporaryFile(prefix="tare-")  # noqa: SIM115 (closed with the image)
    resources.enter_context(target)
    written = 0
    while piece := stream.read(4 * MIB):
        written += len(piece)
        if written > limits.archive_bytes:
            raise ImageError(
                f"unpacks to more than {limits.archive_bytes} bytes",
                where=what,
                hint="the archive is damaged or hostile",
            )
        target.write(piece)
    target.flush()
    return cast(BinaryIO, target)
