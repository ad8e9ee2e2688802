"""GPU code by architecture, read from fat binaries that are made here; what is not understood is called unknown."""

import struct
from pathlib import Path

import pytest

from tare import api
from tare.inspect.device_code import component_of
from tare.schema.inspect import CudaLibrary
from tests.inspect.pictures import file
from tests.support.random_image import layer_tar, oci_files, write_docker_archive, write_files

SITE = "usr/lib/python3.11/site-packages"


def entry(kind: int, architecture: int, size: int) -> bytes:
    head = struct.pack("<HHIQIIHHI", kind, 1, 64, size, 0, 0, 0, 8, architecture)
    return head.ljust(64, b"\0") + b"\x7f" * size


def container(*entries: bytes) -> bytes:
    body = b"".join(entries)
    whole = struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(body)) + body
    return whole + bytes(-len(whole) % 8)


def elf(section: bytes) -> bytes:
    """A library with one section of device code and a name table, as small as the format allows."""
    names = b"\0.nv_fatbin\0.shstrtab\0"
    at = 64 + 65536
    table = at + len(section) + len(names)
    table += -table % 8
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, table, 0, 64, 56, 0, 64, 3, 2)
    rows = bytes(64)
    rows += struct.pack("<IIQQQQIIQQ", 1, 1, 2, 0, at, len(section), 0, 0, 8, 0)
    rows += struct.pack("<IIQQQQIIQQ", 12, 3, 0, 0, at + len(section), len(names), 0, 0, 1, 0)
    return (head.ljust(at, b"\0") + section + names).ljust(table, b"\0") + rows


CODE = container(entry(2, 80, 800), entry(2, 90, 900)) + container(entry(1, 90, 96))


def libraries(tmp_path: Path, **contents: bytes) -> dict[str, CudaLibrary]:
    layer = layer_tar(
        [file(f"{SITE}/nvidia/lib/lib{name}.so.12", content) for name, content in contents.items()]
    )
    path = write_docker_archive(tmp_path / "image.tar", [layer])
    found = api.inspect(f"docker-archive:{path}").cuda
    return {one.component: one for one in found}


def test_architectures_of_a_library(tmp_path: Path) -> None:
    found = libraries(tmp_path, cublasLt=elf(CODE), nccl=elf(b""), cufft=b"no ELF at all" * 9000)
    assert found["cublasLt"].architectures == {"sm_90": 900, "sm_80": 800, "ptx_90": 96}
    assert found["cublasLt"].device_bytes == 1796
    assert found["nccl"].architectures == found["cufft"].architectures == {}


@pytest.mark.parametrize("broken", [CODE[:-40], b"\x01" * 64, CODE + b"\x55" * 24])
def test_an_unknown_form_is_unknown_and_not_nothing(tmp_path: Path, broken: bytes) -> None:
    found = libraries(tmp_path, cudnn=elf(broken))["cudnn"]
    assert found.architectures["unknown"] > 0 and found.device_bytes <= len(broken)


def test_compressed_layers_are_read_when_asked(tmp_path: Path) -> None:
    layer = layer_tar([file(f"{SITE}/torch/lib/libtorch_cuda.so", elf(CODE))])
    write_files(tmp_path / "oci", oci_files([layer]))
    reference = f"oci:{tmp_path / 'oci'}:latest"
    quick = api.inspect(reference)
    assert quick.cuda == () and any("--cuda" in note for note in quick.notes)
    (found,) = api.inspect(reference, cuda=True).cuda
    assert (found.component, found.device_bytes) == ("torch", 1796)
    assert api.inspect(reference, cuda=False).notes == ()


def test_components() -> None:
    assert component_of("x/libcublasLt.so.12") == "cublasLt"
    assert component_of("x/libcusparseLt.so.0") == "cusparseLt"
    assert component_of(f"{SITE}/xformers/_C_flash.so") == "xformers"
