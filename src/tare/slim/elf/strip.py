"""Strip without moving: every byte that a program header covers stays at its address, and whole.

GNU strip moves segments of libraries that patchelf or auditwheel rewrote, and the loader then refuses them ("ELF load
command address/offset not page-aligned"). Here only what nothing loads goes: symbol tables that the linker used, debug
information, comments. Where they stood between segments, the segments behind them move up in the file by a multiple of
their alignment (`tare.slim.elf.gaps`). The section header table is written anew behind what stays.
"""

import re
from dataclasses import dataclass, replace
from struct import pack_into

from tare.slim.elf.gaps import Gap, Moves, gaps, program_headers
from tare.slim.elf.headers import (
    ET_DYN,
    ET_EXEC,
    SHF_ALLOC,
    SHT_NULL,
    SHT_REL,
    SHT_RELA,
    Elf,
    ElfError,
    Read,
    Section,
    read_elf,
)

Piece = bytes | tuple[int, int]
_DEBUG = re.compile(r"\.z?debug_.*|\.gdb_index|\.gnu_debug(?:data|link|altlink)|\.stab.*|\.debug|\.line")
_LINKER = re.compile(
    r"\.symtab|\.strtab|\.symtab_shndx|\.comment|\.gnu\.lto_.*|\.gnu\.build\.attributes.*|\.GCC\.command\.line"
)
_TABLE_ALIGN = 8
_PADDING = 4096


@dataclass(frozen=True, slots=True)
class Stripped:
    """The new file as pieces of the old one and new bytes, the names of the sections that are gone, and the bytes of gaps
    between segments that were taken out."""

    pieces: tuple[Piece, ...]
    dropped: tuple[str, ...]
    gap_bytes: int = 0

    @property
    def size_bytes(self) -> int:
        """The size of the new file."""
        return sum(len(piece) if isinstance(piece, bytes) else piece[1] for piece in self.pieces)


def strip(read: Read, size: int, *, debug_only: bool = False) -> Stripped | None:
    """What the file becomes, or None when nothing can go. Raises `ElfError` for files that do not hold together.

    Left whole: anything but executables and shared objects, files with data behind their last section (archives that
    unpack themselves), and sections whose purpose is not known.
    """
    elf = read_elf(read, size)
    if elf.kind not in (ET_EXEC, ET_DYN) or not elf.sections or not elf.segments:
        return None
    ends = [section.file_end for section in elf.sections] + [
        elf.sections_at + len(elf.sections) * elf.section_entry
    ]
    ends += [segment.offset + segment.file_size for segment in elf.segments]
    behind = size - max(ends)
    if behind > _PADDING or (behind > 0 and read(max(ends), behind).strip(b"\0")):
        raise ElfError(f"{behind} bytes behind the last section")
    dropped = _droppable(elf, debug_only)
    cut = () if debug_only else gaps(elf, dropped)
    if not dropped and not cut:
        return None
    return _rebuild(elf, read, dropped, cut)


def _droppable(elf: Elf, debug_only: bool) -> frozenset[int]:
    chosen = set()
    for section in elf.sections[1:]:
        if section.flags & SHF_ALLOC or section.index == elf.names_index:
            continue
        if _DEBUG.fullmatch(section.name) or (not debug_only and _LINKER.fullmatch(section.name)):
            chosen.add(section.index)
    for section in elf.sections[1:]:  # relocations for the linker go with the symbols that they name
        if section.kind in (SHT_REL, SHT_RELA) and not section.flags & SHF_ALLOC and section.link in chosen:
            chosen.add(section.index)
    for section in elf.sections[1:]:  # what stays may point at a table: then the table stays
        if section.index not in chosen and section.link in chosen:
            chosen.discard(section.link)
    for section in elf.sections[1:]:  # a symbol table that stays needs its names
        if section.index not in chosen and section.link in chosen:
            chosen.discard(section.link)
    return frozenset(chosen)


def _rebuild(elf: Elf, read: Read, dropped: frozenset[int], cut: tuple[Gap, ...]) -> Stripped | None:
    moves = Moves(cut)
    covered = max(
        [segment.offset + segment.file_size for segment in elf.segments]
        + [section.file_end for section in elf.sections if section.flags & SHF_ALLOC]
        + [elf.header_size, elf.segments_at + elf.segment_entry * len(elf.segments)]
    )
    kept = [section for section in elf.sections if section.index not in dropped]
    renumbered = {section.index: place for place, section in enumerate(kept)}
    pieces: list[Piece] = []
    at = moves(covered)
    moved: list[Section] = []
    for section in kept:
        if section.index == elf.names_index:
            moved.append(section)  # its new place follows below
            continue
        inside = section.flags & SHF_ALLOC or section.kind == SHT_NULL or section.file_end <= covered
        if inside or section.size == 0:
            moved.append(replace(section, offset=moves(section.offset)))
            continue
        gap = -at % max(1, section.align if section.align < 1 << 16 else 1)
        if section.file_end != section.offset:
            pieces += [bytes(gap), (section.offset, section.size)]
            at += gap
            moved.append(replace(section, offset=at))
            at += section.size
        else:
            moved.append(section)
    names, offsets = name_table(kept)
    names_at = at
    pieces.append(names)
    at += len(names)
    gap = -at % _TABLE_ALIGN
    pieces.append(bytes(gap))
    at += gap
    table = bytearray()
    for section, name_offset in zip(moved, offsets, strict=True):
        offset, length = (
            (names_at, len(names)) if section.index == elf.names_index else (section.offset, section.size)
        )
        info = section.info
        if section.kind in (SHT_REL, SHT_RELA) and info in renumbered:
            info = renumbered[info]
        table += elf.section_struct.pack(
            name_offset, section.kind, section.flags, section.address, offset, length,
            renumbered.get(section.link, 0), info, section.align, section.entry_size,
        )  # fmt: skip
    pieces.append(bytes(table))
    head = _header(elf, at, len(kept), renumbered[elf.names_index], moves)
    whole = [head, *_loaded(elf, read, len(head), covered, cut, moves), *(piece for piece in pieces if piece)]
    result = Stripped(
        tuple(whole),
        tuple(elf.sections[index].name for index in sorted(dropped)),
        sum(stop - start for start, stop in cut),
    )
    old = max(section.file_end for section in elf.sections)
    return result if result.size_bytes < max(old, elf.sections_at) else None


def name_table(kept: list[Section]) -> tuple[bytes, list[int]]:
    """A section name table, and the offset of each section's name in it."""
    text = bytearray(b"\0")
    offsets = []
    for section in kept:
        raw = section.name.encode() + b"\0"
        if raw == b"\0":
            offsets.append(0)
            continue
        offsets.append(len(text))
        text += raw
    return bytes(text), offsets


def _loaded(elf: Elf, read: Read, start: int, end: int, cut: tuple[Gap, ...], moves: Moves) -> list[Piece]:
    """The old file from `start` to `end` without the gaps, with the program headers written anew."""
    if not cut:
        return [(start, end - start)]
    size = elf.segment_entry * len(elf.segments)
    table = program_headers(elf, read(elf.segments_at, size), moves)
    found: list[Piece] = []
    at = start
    for low, high, new in sorted(
        [*((low, high, b"") for low, high in cut), (elf.segments_at, elf.segments_at + size, table)]
    ):
        found += [(at, low - at), new]
        at = high
    found.append((at, end - at))
    return [piece for piece in found if (piece if isinstance(piece, bytes) else piece[1])]


def _header(elf: Elf, table_at: int, count: int, names: int, moves: Moves) -> bytes:
    head = bytearray(elf.header)
    segments_at = moves(elf.segments_at)
    pack_into(elf.prefix + ("Q" if elf.wide else "I"), head, 32 if elf.wide else 28, segments_at)
    pack_into(elf.prefix + ("Q" if elf.wide else "I"), head, 40 if elf.wide else 32, table_at)
    entry_at = 58 if elf.wide else 46
    pack_into(elf.prefix + "HHH", head, entry_at, elf.section_struct.size, count, names)
    return bytes(head)
