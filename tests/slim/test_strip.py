"""Strip on real libraries of this machine: every loaded byte at its place, other readers agree, libraries load."""

import contextlib
import ctypes.util
import io
import subprocess
import sys
from pathlib import Path
from struct import pack_into, unpack_from

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import Segment
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.slim.elf.dynamic import read_dynamic
from tare.slim.elf.headers import ElfError, Read, read_elf
from tare.slim.elf.strip import strip


def libraries() -> list[Path]:
    found = [path for path in Path(sys.prefix).rglob("*.so*") if path.is_file()]
    return sorted(found, key=lambda path: path.stat().st_size)[:80]


def reader(data: bytes) -> Read:
    return lambda start, size: data[start : start + size]


def rebuilt(data: bytes, *, debug_only: bool = False) -> bytes | None:
    result = strip(reader(data), len(data), debug_only=debug_only)
    if result is None:
        return None
    return b"".join(
        piece if isinstance(piece, bytes) else data[piece[0] : sum(piece)] for piece in result.pieces
    )


def test_real_libraries_keep_every_loaded_byte(tmp_path: Path) -> None:
    smaller = []
    for path in libraries():
        data = path.read_bytes()
        new = rebuilt(data)
        if new is None:
            continue
        assert len(new) < len(data)
        old_elf, new_elf = ELFFile(io.BytesIO(data)), ELFFile(io.BytesIO(new))
        for old, fresh in zip(old_elf.iter_segments(), new_elf.iter_segments(), strict=True):
            assert {**old.header, "p_offset": 0} == {**fresh.header, "p_offset": 0}
            if old["p_type"] == "PT_LOAD":
                assert (fresh["p_offset"] - old["p_vaddr"]) % old["p_align"] == 0
            written = (64 if old["p_offset"] == 0 else 0, *_table(old_elf, old))
            assert _without(old.data(), written) == _without(fresh.data(), written)
        names = [section.name for section in new_elf.iter_sections()]
        assert ".symtab" not in names or ".symtab" in [s.name for s in old_elf.iter_sections()]
        for section in new_elf.iter_sections():
            before = old_elf.get_section_by_name(section.name)
            if section.name and section.name != ".shstrtab" and section["sh_type"] != "SHT_NOBITS":
                assert before.data() == section.data(), (path, section.name)
        copy = tmp_path / path.name
        copy.write_bytes(new)
        smaller.append((path, copy))
    assert len(smaller) >= 3
    for _, copy in smaller[:12]:
        code = f"import ctypes; ctypes.CDLL({str(copy)!r}, mode={ctypes.DEFAULT_MODE})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        original = subprocess.run(
            [sys.executable, "-c", code.replace(str(copy), str(_))], capture_output=True, check=False
        )
        assert done.returncode == original.returncode, done.stderr


def _table(elf: ELFFile, segment: Segment) -> tuple[int, int]:
    """Where the program headers are within a segment."""
    low = elf["e_phoff"] - segment["p_offset"]
    return max(0, low), max(0, low + elf["e_phentsize"] * elf["e_phnum"])


def _without(data: bytes, written: tuple[int, int, int]) -> bytes:
    """A segment less the headers that are written anew."""
    head, low, high = written
    return data[head : max(head, low)] + data[max(head, high) :]


def with_gap(data: bytes, room: int = 0x30000) -> bytes:
    """The library with room before its last segment, which nothing describes: what patchelf leaves when symbols go."""
    elf = ELFFile(io.BytesIO(data))
    last = max(one["p_offset"] for one in elf.iter_segments() if one["p_type"] == "PT_LOAD")
    new = bytearray(data)
    tables = (
        (elf["e_phoff"], elf["e_phentsize"], elf["e_phnum"], 8),
        (elf["e_shoff"], elf["e_shentsize"], elf["e_shnum"], 24),
    )
    for at, entry, count, field in tables:
        for place in range(at + field, at + field + entry * count, entry):
            (offset,) = unpack_from("<Q", new, place)
            if offset >= last:
                pack_into("<Q", new, place, offset + room)
    pack_into("<Q", new, 40, elf["e_shoff"] + room)
    return bytes(new[:last] + b"x" * room + new[last:])


def test_a_gap_between_segments_goes(tmp_path: Path) -> None:
    path = next(
        path for path in libraries() if rebuilt(path.read_bytes()) and ELFFile(path.open("rb")).elfclass == 64
    )
    data = path.read_bytes()
    wide = with_gap(data)
    new = rebuilt(wide)
    assert new is not None and len(new) <= len(rebuilt(data) or b"")
    for text in (wide, new):
        copy = tmp_path / path.name
        copy.write_bytes(text)
        code = f"import ctypes, os; ctypes.CDLL({str(copy)!r}, mode=os.RTLD_LAZY)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
        assert "align" not in done.stderr and "load command" not in done.stderr
    for old, fresh in zip(
        ELFFile(io.BytesIO(wide)).iter_segments(), ELFFile(io.BytesIO(new)).iter_segments(), strict=True
    ):
        if old["p_offset"] and old["p_type"] != "PT_PHDR":
            assert old.data() == fresh.data()
    assert rebuilt(new) is None


def test_stripping_twice_finds_nothing() -> None:
    for path in libraries()[:20]:
        new = rebuilt(path.read_bytes())
        if new is not None:
            assert rebuilt(new) is None


def test_data_behind_the_sections_keeps_the_file_whole() -> None:
    data = next(path.read_bytes() for path in libraries() if rebuilt(path.read_bytes()) is not None)
    with pytest.raises(ElfError, match="behind the last section"):
        strip(reader(data + b"PK\x03\x04archive"), len(data) + 11)
    assert rebuilt(data + bytes(1)) is not None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_broken_files_raise_only_elf_errors(data: st.DataObject) -> None:
    source = bytearray(_small())
    for _ in range(data.draw(st.integers(1, 6))):
        source[data.draw(st.integers(0, min(len(source), 4096) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(source[: data.draw(st.integers(0, len(source)))])
    for job in (
        lambda: rebuilt(cut),
        lambda: read_dynamic(reader(cut), len(cut)),
        lambda: read_elf(reader(cut), len(cut)),
    ):
        with contextlib.suppress(ElfError):
            job()


_CACHE: list[bytes] = []


def _small() -> bytes:
    if not _CACHE:
        _CACHE.append(
            next(path.read_bytes() for path in libraries() if rebuilt(path.read_bytes()) is not None)
        )
    return _CACHE[0]


def test_needed_libraries_as_the_other_reader_sees_them() -> None:
    for path in libraries()[:30]:
        data = path.read_bytes()
        section = ELFFile(io.BytesIO(data)).get_section_by_name(".dynamic")
        expected = [tag.needed for tag in section.iter_tags() if tag.entry.d_tag == "DT_NEEDED"]
        assert list(read_dynamic(reader(data), len(data)).needed) == expected
