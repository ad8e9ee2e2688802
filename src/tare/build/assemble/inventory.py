"""What an unpacked wheel holds, and which of its files exist as DEFLATE streams in the wheel that they came from."""

import os
import tempfile
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import msgspec
from isal import isal_zlib

from tare.build.assemble.wheels import Wheel
from tare.image.limits import MIB
from tare.image.splice import LEAST_BYTES

_LOCAL_HEADER = 30


@dataclass(frozen=True, slots=True)
class HeldFile:
    """One file: executable or not, its size, and where its stream begins and ends (`compressed_bytes` 0: it has none)."""

    executable: bool
    size_bytes: int
    offset: int = 0
    compressed_bytes: int = 0
    crc32: int = 0


@dataclass(frozen=True, slots=True)
class Inventory:
    """Paths are from the image's root. `directories` has parents before what they hold."""

    directories: tuple[str, ...]
    files: dict[str, HeldFile]

    @property
    def size_bytes(self) -> int:
        """The bytes of all files."""
        return sum(file.size_bytes for file in self.files.values())


def inventory(wheel: Wheel, root: Path) -> Inventory:
    """What stands below `root`, where the wheel was unpacked. A stream is one of the wheel's that was inflated and compared
    with the file, and ends where its entry ends. What was found stands beside the unpacked wheel."""
    known = root.parent / f"{root.name}.json"
    try:
        return msgspec.json.decode(known.read_bytes(), type=Inventory)
    except (OSError, msgspec.DecodeError):
        found = _take(wheel, root)
        _keep(known, msgspec.json.encode(found))
        return found


def _take(wheel: Wheel, root: Path) -> Inventory:
    streams = _find(wheel, root)
    directories: list[str] = []
    files: dict[str, HeldFile] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_dir():
            directories.append(name)
        else:
            status = path.stat()
            files[name] = HeldFile(
                bool(status.st_mode & 0o100), status.st_size, *streams.get(name, (0, 0, 0))
            )
    return Inventory(tuple(directories), files)


def _keep(path: Path, data: bytes) -> None:
    """Best effort: in a cache that cannot be written to, it is found again the next time."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=".inventory-", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        return


def _find(wheel: Wheel, root: Path) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    with zipfile.ZipFile(wheel.path) as archive, wheel.path.open("rb") as raw:
        by_content: defaultdict[tuple[int, int], list[zipfile.ZipInfo]] = defaultdict(list)
        for info in archive.infolist():
            if info.compress_type == zipfile.ZIP_DEFLATED and info.file_size >= LEAST_BYTES:
                by_content[info.CRC, info.file_size].append(info)
        sizes = {size for _, size in by_content}
        for path in sorted(root.rglob("*")):
            if path.is_symlink() or not path.is_file() or path.stat().st_size not in sizes:
                continue
            for info in by_content.get((_checksum(path), path.stat().st_size), ()):
                raw.seek(info.header_offset)
                head = raw.read(_LOCAL_HEADER)
                at = info.header_offset + _LOCAL_HEADER
                at += int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
                raw.seek(at)
                if _holds(raw.read(info.compress_size), path):
                    found[path.relative_to(root).as_posix()] = (at, info.compress_size, info.CRC)
                    break
    return found


def _checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while piece := file.read(MIB):
            value = zlib.crc32(piece, value)
    return value


def _holds(stream: bytes, path: Path) -> bool:
    """Whether a stream inflates to a file's content and ends there."""
    inflate = isal_zlib.decompressobj(-15)
    with path.open("rb") as file:
        data: bytes = stream
        while True:
            try:
                piece = inflate.decompress(data, MIB)
            except zlib.error:  # isal's own error is one of these
                return False
            if piece != file.read(len(piece)):
                return False
            data = inflate.unconsumed_tail
            if inflate.eof:
                return not inflate.unused_data and not file.read(1)
            if not piece and not data:
                return False
