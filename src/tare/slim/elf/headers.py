"""The headers of an ELF file (System V ABI, chapter 4 and 5), read from a few pieces of it; 32 and 64 bit, both byte orders."""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct, error

ET_EXEC, ET_DYN = 2, 3
SHT_NULL, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_DYNAMIC, SHT_NOBITS, SHT_REL = 0, 2, 3, 4, 6, 8, 9
SHF_ALLOC = 2
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
_LIMIT = 1 << 22

Read = Callable[[int, int], bytes]
"""`read(start, size)`: fewer bytes at the end."""


class ElfError(ValueError):
    """Not an ELF file that can be understood. `str(error)` says what is wrong."""


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the section header table."""

    index: int
    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry_size: int

    @property
    def file_end(self) -> int:
        """Where its bytes end in the file."""
        return self.offset + (0 if self.kind in (SHT_NOBITS, SHT_NULL) else self.size)


@dataclass(frozen=True, slots=True)
class Segment:
    """An entry of the program header table."""

    kind: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int
    align: int


@dataclass(frozen=True, slots=True)
class Elf:
    """An ELF file's headers. `prefix` is '<' or '>'."""

    wide: bool
    prefix: str
    kind: int
    machine: int
    header_size: int
    segments_at: int
    segment_entry: int
    sections_at: int
    section_entry: int
    names_index: int
    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]
    header: bytes

    @property
    def section_struct(self) -> Struct:
        """The layout of a section header."""
        return Struct(self.prefix + ("IIQQQQIIQQ" if self.wide else "IIIIIIIIII"))


def read_elf(read: Read, size: int) -> Elf:
    """Read the headers of a file of `size` bytes. Raises `ElfError` when they do not hold together."""
    head = read(0, 64)
    if len(head) < 52 or head[:4] != b"\x7fELF":
        raise ElfError("not an ELF file")
    if head[4] not in (1, 2) or head[5] not in (1, 2):
        raise ElfError("unknown ELF class or byte order")
    wide, prefix = head[4] == 2, "<" if head[5] == 1 else ">"
    shape = Struct(prefix + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"))
    if len(head) < 16 + shape.size:
        raise ElfError("the ELF header is cut off")
    kind, machine, _, _, phoff, shoff, _, ehsize, phentsize, phnum, shentsize, shnum, names = (
        shape.unpack_from(head, 16)
    )
    try:
        segments = _segments(read, prefix, wide, phoff, phentsize, phnum)
        sections = _sections(read, size, prefix, wide, shoff, shentsize, shnum, names)
    except error as problem:
        raise ElfError("a header table is cut off") from problem
    for segment in segments:
        if segment.offset + segment.file_size > size:
            raise ElfError("a segment reaches past the end of the file")
    return Elf(
        wide, prefix, kind, machine, ehsize, phoff, phentsize, shoff, shentsize, names, sections, segments,
        head[: 16 + shape.size],
    )  # fmt: skip


def _segments(read: Read, prefix: str, wide: bool, at: int, entry: int, count: int) -> tuple[Segment, ...]:
    shape = Struct(prefix + ("IIQQQQQQ" if wide else "IIIIIIII"))
    if count and entry < shape.size:
        raise ElfError("program headers are too small")
    raw = read(at, entry * count) if count else b""
    found = []
    for place in range(count):
        values = shape.unpack_from(raw, place * entry)
        if wide:
            kind, flags, offset, address, _, file_size, memory_size, align = values
        else:
            kind, offset, address, _, file_size, memory_size, flags, align = values
        found.append(Segment(kind, flags, offset, address, file_size, memory_size, align))
    return tuple(found)


def _sections(
    read: Read, size: int, prefix: str, wide: bool, at: int, entry: int, count: int, names: int
) -> tuple[Section, ...]:
    shape = Struct(prefix + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"))
    if not at or not count:
        return ()
    if entry < shape.size or at + entry * count > size or names >= count:
        raise ElfError("the section header table is broken")
    raw = read(at, entry * count)
    rows = [shape.unpack_from(raw, place * entry) for place in range(count)]
    texts = read(rows[names][4], min(rows[names][5], _LIMIT))
    found = []
    for index, row in enumerate(rows):
        end = texts.find(b"\0", row[0])
        name = texts[row[0] : end if end >= 0 else len(texts)].decode("utf-8", "replace")
        section = Section(index, name, *row[1:])
        if section.file_end > size:
            raise ElfError(f"section {name!r} reaches past the end of the file")
        found.append(section)
    return tuple(found)
