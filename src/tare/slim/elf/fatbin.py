"""CUDA fat binaries: containers of device code for several GPU architectures, and which of it one GPU uses.

Container: magic `0xBA55ED50` (u32), version (u16), header size (u16), payload size (u64), eight-byte aligned. Entry:
kind (u16: 1 PTX, 2 cubin), version (u16), header size (u32), payload size (u64), compressed size (u32), options, minor
and major version (u16 each), architecture (u32).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from struct import Struct

from tare.core.errors import UsageError
from tare.slim.elf.headers import ElfError, Read

SECTIONS = (".nv_fatbin", "__nv_relfatbin")
PTX, CUBIN = 1, 2
_MAGIC = 0xBA55ED50
_CONTAINER = Struct("<IHHQ")
_ENTRY = Struct("<HHIQIIHHI")
_ARCHITECTURE = re.compile(r"(?:sm_|compute_)?(\d{2,3})[af]?")


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """One entry. `start` and `size` are those of its payload in the file."""

    kind: int
    architecture: int
    start: int
    size: int


def parse_architectures(text: str) -> tuple[int, ...]:
    """Read `sm_90,sm_100`; raises `UsageError`."""
    found = []
    for part in text.split(","):
        match = _ARCHITECTURE.fullmatch(part.strip())
        if match is None:
            raise UsageError(f"not a GPU architecture: {part!r}", hint="for example sm_80 or sm_90,sm_100")
        found.append(int(match[1]))
    return tuple(sorted(set(found)))


def containers(read: Read, start: int, size: int) -> Iterator[tuple[DeviceCode, ...]]:
    """The containers of a section. Raises `ElfError` when a byte is left over: then nothing may be touched."""
    at, end = start, start + size
    while at < end:
        head = read(at, _CONTAINER.size)
        if head[:8] == bytes(8) or (len(head) < 8 and not head.strip(b"\0")):
            at += 8  # alignment between object files
            continue
        if len(head) < _CONTAINER.size:
            raise ElfError("a fat binary is cut off")
        magic, version, header_size, payload = _CONTAINER.unpack(head)
        if (
            magic != _MAGIC
            or version != 1
            or header_size < _CONTAINER.size
            or at + header_size + payload > end
        ):
            raise ElfError(f"a fat binary of unknown form at {at:#x}")
        yield tuple(_entries(read, at + header_size, payload))
        at += header_size + payload
        at += -(at - start) % 8


def _entries(read: Read, start: int, size: int) -> Iterator[DeviceCode]:
    at, end = start, start + size
    while at < end:
        head = read(at, _ENTRY.size)
        if len(head) < _ENTRY.size:
            raise ElfError("an entry of a fat binary is cut off")
        kind, _, header_size, payload, _, _, _, _, architecture = _ENTRY.unpack(head)
        if kind not in (PTX, CUBIN) or header_size < _ENTRY.size or at + header_size + payload > end:
            raise ElfError(f"an entry of a fat binary of unknown form at {at:#x}")
        yield DeviceCode(kind, architecture, at + header_size, payload)
        at += header_size + payload


def unused(code: Iterable[DeviceCode], gpus: Iterable[int], *, keep_ptx: bool) -> list[DeviceCode]:
    """What none of the GPUs would load out of one container.

    A GPU takes the cubin of its own major version with the highest minor version that is not above its own; else it
    compiles the highest PTX that is not above it. Where a GPU finds neither, the container stays whole.
    """
    code = list(code)
    kept: set[tuple[int, int]] = set()
    for gpu in gpus:
        cubins = [
            one.architecture
            for one in code
            if one.kind == CUBIN and one.architecture // 10 == gpu // 10 and one.architecture <= gpu
        ]
        texts = [one.architecture for one in code if one.kind == PTX and one.architecture <= gpu]
        if cubins:
            kept.add((CUBIN, max(cubins)))
        elif texts:
            kept.add((PTX, max(texts)))
        else:
            return []
    return [
        one for one in code if (one.kind, one.architecture) not in kept and not (keep_ptx and one.kind == PTX)
    ]
