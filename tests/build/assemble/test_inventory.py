"""Which of a wheel's own streams may stand for an installed file."""

import os
import zipfile
from pathlib import Path

import pytest

from tare.build.assemble.inventory import inventory
from tare.build.assemble.wheels import Wheel
from tare.image.splice import LEAST_BYTES

BIG = b"some text that compresses " * 2000


@pytest.fixture
def wheel(tmp_path: Path) -> Wheel:
    path = tmp_path / "w-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w/big.txt", BIG, zipfile.ZIP_DEFLATED)
        archive.writestr("w/stored.bin", BIG + b"!", zipfile.ZIP_STORED)
        archive.writestr("w/small.txt", b"small", zipfile.ZIP_DEFLATED)
    return Wheel("w", "1", path.name, path, "0" * 64, path.stat().st_size)


def unpack(wheel: Wheel, root: Path) -> None:
    with zipfile.ZipFile(wheel.path) as archive:
        for info in archive.infolist():
            (root / info.filename).parent.mkdir(parents=True, exist_ok=True)
            (root / info.filename).write_bytes(archive.read(info))


def test_only_large_deflated_files_that_are_unchanged(wheel: Wheel, tmp_path: Path) -> None:
    assert len(BIG) >= LEAST_BYTES
    root = tmp_path / "installed" / "x"
    unpack(wheel, root)
    (root / "w/other.txt").write_bytes(BIG[:-1] + b"?")  # the same size, another content
    found = inventory(wheel, root)
    assert {path for path, file in found.files.items() if file.compressed_bytes} == {"w/big.txt"}
    assert found.directories == ("w",) and found.files["w/small.txt"].size_bytes == 5
    assert inventory(wheel, root) == found, "what was kept is the same"


def test_a_stream_with_something_behind_it_is_not_taken(tmp_path: Path) -> None:
    """An entry may be longer than its stream: zip readers never look at the rest, gzip readers would."""
    path = tmp_path / "evil.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("big.txt", BIG, zipfile.ZIP_DEFLATED)
        archive.writestr("next.txt", b"next", zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("big.txt").compress_size
    central = data.index(b"PK\x01\x02")
    data[central + 20 : central + 24] = (size + 7).to_bytes(4, "little")
    path.write_bytes(data)
    wheel = Wheel("w", "1", path.name, path, "0" * 64, len(data))
    root = tmp_path / "installed" / "x"
    root.mkdir(parents=True)
    (root / "big.txt").write_bytes(BIG)
    assert inventory(wheel, root).files["big.txt"].compressed_bytes == 0


def test_a_cache_that_cannot_be_written_is_no_error(wheel: Wheel, tmp_path: Path) -> None:
    root = tmp_path / "installed" / "x"
    unpack(wheel, root)
    (root.parent / "x.json").mkdir()  # in the way, for root too
    assert inventory(wheel, root).files["w/big.txt"].compressed_bytes
    assert os.path.isdir(root.parent / "x.json")
