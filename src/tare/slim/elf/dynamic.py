"""What an ELF file asks the loader for: interpreter, needed libraries, search paths; and names that it may dlopen."""

import re
from dataclasses import dataclass
from struct import Struct

from tare.slim.elf.headers import PT_DYNAMIC, PT_INTERP, PT_LOAD, ElfError, Read, read_elf

_NEEDED, _STRTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH = 1, 5, 10, 14, 15, 29
_LIBRARY = re.compile(rb"[A-Za-z0-9_+\-./]{1,120}\.so(?:\.[0-9]+)*(?=\0)")
_LIMIT = 1 << 24


@dataclass(frozen=True, slots=True)
class Dynamic:
    """`needed` are names as written; `run_paths` may hold `$ORIGIN`."""

    needed: tuple[str, ...]
    run_paths: tuple[str, ...]
    soname: str
    interpreter: str
    strings: bytes = b""
    """The dynamic string table: also the names of all symbols that are imported or exported."""


def read_dynamic(read: Read, size: int) -> Dynamic:
    """The dynamic section by way of the program headers, as the loader reads it. Raises `ElfError`."""
    elf = read_elf(read, size)
    interpreter = ""
    needed: list[str] = []
    paths: list[str] = []
    soname = ""
    table = b""
    for segment in elf.segments:
        if segment.kind == PT_INTERP:
            interpreter = (
                read(segment.offset, min(segment.file_size, 4096))
                .partition(b"\0")[0]
                .decode("utf-8", "replace")
            )
        if segment.kind != PT_DYNAMIC:
            continue
        shape = Struct(elf.prefix + ("qQ" if elf.wide else "iI"))
        raw = read(segment.offset, min(segment.file_size, _LIMIT))
        rows = [shape.unpack_from(raw, at) for at in range(0, len(raw) - shape.size + 1, shape.size)]
        values = {tag: value for tag, value in rows if tag in (_STRTAB, _STRSZ)}
        if _STRTAB not in values:
            continue
        table_at = next(
            (
                part.offset + values[_STRTAB] - part.address
                for part in elf.segments
                if part.kind == PT_LOAD and part.address <= values[_STRTAB] < part.address + part.file_size
            ),
            None,
        )
        if table_at is None:
            raise ElfError("the dynamic string table is in no segment")
        table = read(table_at, min(values.get(_STRSZ, 0), _LIMIT))
        for tag, value in rows:
            if tag == 0:
                break
            if tag in (_NEEDED, _SONAME, _RPATH, _RUNPATH):
                text = table[value : table.find(b"\0", value)].decode("utf-8", "surrogateescape")
                if tag == _NEEDED:
                    needed.append(text)
                elif tag == _SONAME:
                    soname = text
                else:
                    paths += [part for part in text.split(":") if part]
    return Dynamic(tuple(needed), tuple(paths), soname, interpreter, table)


def library_names(data: bytes) -> frozenset[str]:
    """Strings that look like names of shared libraries: what the code may dlopen."""
    return frozenset(found.decode() for found in _LIBRARY.findall(data))
