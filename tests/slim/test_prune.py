"""Device code: what a GPU keeps, how a library shrinks, and that every kept byte stays at its address in memory."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.core.errors import UsageError
from tare.slim.elf.fatbin import CUBIN, PTX, DeviceCode, containers, parse_architectures, unused
from tare.slim.elf.headers import PT_LOAD, ElfError, Read, read_elf
from tare.slim.elf.prune import prune


def reader(data: bytes) -> Read:
    return lambda start, size: data[start : start + size]


def container(*entries: tuple[int, int, int]) -> bytes:
    """A container of (kind, architecture, payload size); the payload's bytes tell the architecture."""
    body = b""
    for kind, architecture, size in entries:
        payload = bytes([architecture % 251 + 1]) * size
        body += pack("<HHIQIIHHI", kind, 257, 64, size, 0, 0, 7, 1, architecture) + bytes(32) + payload
    return pack("<IHHQ", 0xBA55ED50, 1, 16, len(body)) + body


CODE = (
    container((CUBIN, 80, 200_000), (CUBIN, 86, 8_000), (CUBIN, 90, 300_000), (PTX, 90, 70_000))
    + bytes(8)
    + container((CUBIN, 90, 80), (CUBIN, 100, 900_000))
)


def test_architectures() -> None:
    assert parse_architectures("sm_90,80, sm_100a") == (80, 90, 100)
    for bad in ("", "hopper", "sm_9", "sm_90,"):
        with pytest.raises(UsageError):
            parse_architectures(bad)


@pytest.mark.parametrize(
    ("gpu", "kept"),
    [(80, {80}), (86, {86}), (89, {86}), (90, {90}), (103, {100}), (75, {75}), (120, {-1}), (70, None)],
)
def test_what_a_gpu_keeps(gpu: int, kept: set[int] | None) -> None:
    code = [DeviceCode(CUBIN, arch, arch, 1) for arch in (75, 80, 86, 90, 100)] + [
        DeviceCode(PTX, 90, 1000, 1)
    ]
    gone = {one.start for one in unused(code, [gpu], keep_ptx=False)}
    left = {one.start for one in code} - gone
    if kept is None:
        assert not gone  # nothing for it here: the container stays whole
    else:
        assert left == ({1000} if kept == {-1} else kept)
    assert 1000 not in {one.start for one in unused(code, [gpu], keep_ptx=True)}


def test_every_byte_of_a_section_is_understood_or_nothing_is_touched() -> None:
    found = list(containers(reader(CODE), 0, len(CODE)))
    assert [[(one.kind, one.architecture, one.size) for one in each] for each in found][1] == [
        (2, 90, 80),
        (2, 100, 900_000),
    ]
    for one in (entry for each in found for entry in each):
        assert set(CODE[one.start : one.start + one.size]) == {one.architecture % 251 + 1}
    for broken in (CODE + b"junkjunk", CODE[:-9], b"\x50\xed\x55\xba" + pack("<HHQ", 9, 16, 0), CODE[:40]):
        with pytest.raises(ElfError):
            list(containers(reader(broken), 0, len(broken)))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_junk_raises_only_elf_errors(junk: bytes, cut: int) -> None:
    data = (CODE[:cut] + junk)[:600]
    with contextlib.suppress(ElfError):
        list(containers(reader(data), 0, len(data)))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    folder = tmp_path_factory.mktemp("fat")
    (folder / "fat.bin").write_bytes(CODE)
    (folder / "fat.S").write_text(
        '.section .nv_fatbin,"a"\n.balign 8\n.globl fat\nfat: .incbin "fat.bin"\n.data\n.globl ptr\nptr: .quad fat\n'
    )
    (folder / "lib.c").write_text(
        "int table[4000] = {1, 2, 3}; int buffer[9000]; int answer(void) { return table[1] + 40; }\n"
    )
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-g", "-o", "lib.so", "lib.c", "fat.S"], cwd=folder, check=True
    )
    return folder / "lib.so"


LOOK = """
import ctypes, sys
lib = ctypes.CDLL(sys.argv[1])
at = ctypes.addressof(ctypes.c_char.in_dll(lib, "fat"))
assert ctypes.c_uint64.in_dll(lib, "ptr").value == at and lib.answer() == 42
assert not any((ctypes.c_int * 9000).in_dll(lib, "buffer"))
sys.stdout.buffer.write(ctypes.string_at(at, int(sys.argv[2])))
"""


def look(path: Path) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", LOOK, str(path), str(len(CODE))], check=True, capture_output=True
    ).stdout


@pytest.mark.parametrize(("gpus", "kept"), [((90,), {90}), ((80, 90), {80, 90}), ((86,), {86, 100})])
def test_a_pruned_library_loads_with_the_kept_bytes_in_place(
    library: Path, tmp_path: Path, gpus: tuple[int, ...], kept: set[int]
) -> None:
    data = library.read_bytes()
    result = prune(reader(data), len(data), gpus)
    assert result is not None
    new = b"".join(
        piece if isinstance(piece, bytes) else data[piece[0] : sum(piece)] for piece in result.pieces
    )
    assert len(new) < len(data) - result.dropped_bytes + 20_000
    target = tmp_path / "lib.so"
    target.write_bytes(new)
    memory = look(target)
    assert look(library) == CODE
    zeroed = sum(a != b for a, b in zip(CODE, memory, strict=True))
    assert zeroed == result.dropped_bytes and all(b == 0 for a, b in zip(CODE, memory, strict=True) if a != b)
    for each in containers(reader(CODE), 0, len(CODE)):
        for one in each:
            if one.architecture in kept and one.kind == CUBIN:
                assert memory[one.start : one.start + one.size] == CODE[one.start : one.start + one.size]
    loads = [s for s in read_elf(reader(new), len(new)).segments if s.kind == PT_LOAD]
    assert all(not s.flags & 1 for s in loads if not s.file_size)
    assert prune(reader(new), len(new), gpus) is None


def test_a_library_without_device_code_is_left_alone(library: Path) -> None:
    data = library.read_bytes()
    assert prune(reader(data), len(data), (103, 90)) is not None
    assert prune(reader(data), len(data), (70,)) is None
