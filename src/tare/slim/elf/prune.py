"""Taking device code out of a library without moving an address.

Whole pages of dropped code become segments with no bytes in the file, which the loader fills with zeros: every other
byte stands in memory where it stood, and the file gets shorter. The program header table grows, so that it moves to
the end of the file; the loader copies it from there (glibc, elf/dl-load.c).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from struct import Struct, pack_into

from tare.slim.elf.fatbin import SECTIONS, containers, unused
from tare.slim.elf.headers import (
    ET_DYN,
    PT_LOAD,
    SHF_ALLOC,
    SHT_NOBITS,
    SHT_NULL,
    Elf,
    Read,
    Section,
    Segment,
    read_elf,
)
from tare.slim.elf.strip import Piece, name_table

_X86_64 = 62
_LEAST_PAGES = 16
_PT_PHDR = 6
_PF_X = 1
Moved = Callable[[int], int]
"""Where an offset of the old file is in the new one."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """The new file as pieces, and what was dropped."""

    pieces: tuple[Piece, ...]
    dropped_bytes: int
    holes: tuple[tuple[int, int], ...]
    """Ranges of the old file (start, end) that are gone."""


def prune(read: Read, size: int, gpus: Sequence[int], *, keep_ptx: bool = False) -> Pruned | None:
    """Drop device code that none of `gpus` loads; None where there is nothing worth it. Raises `ElfError` when the file
    or a fat binary in it is not understood; then it must stay whole."""
    elf = read_elf(read, size)
    if elf.kind != ET_DYN or not elf.wide or elf.prefix != "<" or not elf.sections:
        return None
    if any(segment.kind == _PT_PHDR for segment in elf.segments):
        return None
    page = 4096 if elf.machine == _X86_64 else 65536
    ranges: list[tuple[int, int]] = []
    for section in elf.sections:
        if section.name in SECTIONS and section.flags & SHF_ALLOC and section.kind != SHT_NOBITS:
            for container in containers(read, section.offset, section.size):
                ranges += [
                    (one.start, one.start + one.size) for one in unused(container, gpus, keep_ptx=keep_ptx)
                ]
    holes = _holes(elf, ranges, page)
    if not holes:
        return None
    return _rebuild(elf, read, holes, page)


def _holes(elf: Elf, ranges: Sequence[tuple[int, int]], page: int) -> list[tuple[int, int]]:
    """Whole pages inside the ranges that one loadable segment covers and no other segment touches."""
    found = []
    for start, end in sorted(ranges):
        load = next(
            (
                s
                for s in elf.segments
                if s.kind == PT_LOAD and s.offset <= start and end <= s.offset + s.file_size
            ),
            None,
        )
        if load is None or (load.address - load.offset) % page:
            continue
        low, high = start + (-start % page), end - end % page
        others = (s for s in elf.segments if s is not load and s.file_size)
        if high - low >= _LEAST_PAGES * page and not any(
            s.offset < high and low < s.offset + s.file_size for s in others
        ):
            found.append((low, high))
    return found


def _rebuild(elf: Elf, read: Read, holes: Sequence[tuple[int, int]], page: int) -> Pruned:
    def moved(offset: int) -> int:
        return offset - sum(min(high, offset) - low for low, high in holes if low < offset)

    covered = max(
        [segment.offset + segment.file_size for segment in elf.segments]
        + [section.file_end for section in elf.sections if section.flags & SHF_ALLOC]
    )
    pieces: list[Piece] = []
    at = len(elf.header)
    for low, high in holes:
        pieces.append((at, low - at))
        at = high
    pieces.append((at, covered - at))
    place = moved(covered)
    segments = [part for segment in elf.segments for part in _split(segment, holes, moved, page)]
    table = Struct("<IIQQQQQQ")
    gap = -place % 8
    raw = b"".join(
        table.pack(s.kind, s.flags, s.offset, s.address, s.address, s.file_size, s.memory_size, s.align)
        for s in segments
    )
    pieces += [bytes(gap), raw]
    segments_at = place + gap
    place = segments_at + len(raw)
    kept = [
        s for s in elf.sections if s.flags & SHF_ALLOC or s.kind == SHT_NULL or s.index == elf.names_index
    ]
    numbers = {section.index: number for number, section in enumerate(kept)}
    names, offsets = name_table(kept)
    pieces.append(names)
    names_at = place
    place += len(names)
    gap = -place % 8
    pieces.append(bytes(gap))
    place += gap
    rows = bytearray()
    for section, name_offset in zip(kept, offsets, strict=True):
        new = _section(elf, section, holes, moved, names_at, len(names))
        rows += elf.section_struct.pack(
            name_offset, new.kind, new.flags, new.address, new.offset, new.size, numbers.get(new.link, 0),
            numbers.get(new.info, 0) if new.flags & 0x40 else new.info, new.align, new.entry_size,
        )  # fmt: skip
    pieces.append(bytes(rows))
    head = bytearray(elf.header)
    pack_into("<Q", head, 32, segments_at)
    pack_into("<Q", head, 40, place)
    pack_into("<HH", head, 54, table.size, len(segments))
    pack_into("<HHH", head, 58, elf.section_struct.size, len(kept), numbers[elf.names_index])
    whole = tuple(
        piece for piece in (bytes(head), *pieces) if (piece if isinstance(piece, bytes) else piece[1])
    )
    return Pruned(whole, sum(high - low for low, high in holes), tuple(holes))


def _section(
    elf: Elf, section: Section, holes: Sequence[tuple[int, int]], moved: Moved, names_at: int, names_size: int
) -> Section:
    if section.index == elf.names_index:
        return replace(section, offset=names_at, size=names_size)
    if section.kind == SHT_NULL:
        return section
    if any(low < section.file_end and section.offset < high for low, high in holes):
        return replace(section, kind=SHT_NOBITS, offset=moved(section.offset))
    return replace(section, offset=moved(section.offset))


def _split(segment: Segment, holes: Sequence[tuple[int, int]], moved: Moved, page: int) -> list[Segment]:
    end = segment.offset + segment.file_size
    inside = [
        hole for hole in holes if segment.kind == PT_LOAD and segment.offset <= hole[0] and hole[1] <= end
    ]
    if not inside:
        align = min(segment.align, page) if segment.kind == PT_LOAD else segment.align
        return [replace(segment, offset=moved(segment.offset), align=align)]
    parts = []
    at = segment.offset
    for low, high in inside:
        if low > at:
            parts.append(_part(segment, at, low - at, low - at, moved, page))
        empty = _part(segment, low, 0, high - low, moved, page)
        parts.append(replace(empty, flags=segment.flags & ~_PF_X))
        at = high
    rest = segment.memory_size - (at - segment.offset)
    if rest:
        parts.append(_part(segment, at, end - at, rest, moved, page))
    return parts


def _part(segment: Segment, at: int, file_size: int, memory_size: int, moved: Moved, page: int) -> Segment:
    address = segment.address + at - segment.offset
    return Segment(segment.kind, segment.flags, moved(at), address, file_size, memory_size, page)
