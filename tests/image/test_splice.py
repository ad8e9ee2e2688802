"""Layers of gzip members: the plain tar is the usual one, and the streams stand in them as they were."""

import gzip
import hashlib
import io
import tarfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.core.errors import ImageError
from tare.core.io import open_stream
from tare.image.blobs import tar_stream, write_blob
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.layer_store import LayerStore
from tare.image.mutate import Content, Deflated, DraftEntry, NewLayer, OnDisk, written
from tare.image.splice import LEAST_BYTES, write_spliced
from tare.image.tarhead import FILE
from tare.image.tarwrite import TarEntry

GZIP = Compression("gzip", 2)


class Nothing(Contents):
    """No image beneath: all content is new."""

    def __init__(self) -> None:
        self.plain_bytes = ()


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def entry(folder: Path, name: str, data: bytes, *, before: bytes = b"") -> DraftEntry:
    """A file that exists plain, and compressed inside of another one."""
    stream = deflated(data)
    (folder / f"{name}.plain").write_bytes(data)
    (folder / f"{name}.zip").write_bytes(before + stream + b"what follows in the archive")
    held = Deflated(folder / f"{name}.zip", len(before), len(stream), zlib.crc32(data))
    content = Content(None, (OnDisk(folder / f"{name}.plain", len(data), held),))
    return DraftEntry(TarEntry(name, FILE, len(data)), content)


def small(name: str, data: bytes) -> DraftEntry:
    return DraftEntry(TarEntry(name, FILE, len(data)), written(data))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 3 * LEAST_BYTES), st.binary(min_size=1, max_size=9)),
        max_size=5,
    )
)
def test_the_tar_is_the_usual_one(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[bool, int, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("splice")
    entries = tuple(
        entry(folder, f"f{place}", seed * (size // len(seed)), before=seed)
        if spliced
        else small(f"f{place}", seed * (size // len(seed)))
        for place, (spliced, size, seed) in enumerate(files)
    )
    layer = NewLayer(entries, None)
    plain = b"".join(tar_stream(layer, Nothing()))
    target = io.BytesIO()
    blob = write_spliced(layer, Nothing(), GZIP, target)
    assert gzip.decompress(target.getvalue()) == plain
    assert open_stream(io.BytesIO(target.getvalue())).read() == plain
    assert blob.diff_id == f"sha256:{hashlib.sha256(plain).hexdigest()}" and blob.plain_bytes == len(plain)
    assert blob.digest == f"sha256:{hashlib.sha256(target.getvalue()).hexdigest()}"
    assert blob.size_bytes == len(target.getvalue())
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        assert tar.getnames() == [one.header.path for one in entries]


def test_streams_stand_as_they_were_and_small_files_do_not(tmp_path: Path) -> None:
    large, little = b"large " * LEAST_BYTES, b"little " * 100
    target = io.BytesIO()
    write_spliced(
        NewLayer((entry(tmp_path, "large", large), entry(tmp_path, "little", little)), None),
        Nothing(),
        GZIP,
        target,
    )
    assert deflated(large) in target.getvalue()
    assert deflated(little) not in target.getvalue()


def test_a_file_that_changed_is_an_error(tmp_path: Path) -> None:
    layer = NewLayer((entry(tmp_path, "x", b"a" * LEAST_BYTES),), None)
    (tmp_path / "x.plain").write_bytes(b"b" * LEAST_BYTES)
    with pytest.raises(ImageError, match="not what its compressed stream holds"):
        write_spliced(layer, Nothing(), GZIP, io.BytesIO())
    (tmp_path / "x.plain").write_bytes(b"a" * LEAST_BYTES)
    (tmp_path / "x.zip").write_bytes(b"")
    with pytest.raises(ImageError, match="shorter"):
        write_spliced(layer, Nothing(), GZIP, io.BytesIO())


def test_store_gives_back_what_it_was_given_and_nothing_else(tmp_path: Path) -> None:
    store = LayerStore(tmp_path / "store")
    (tmp_path / "layer").write_bytes(b"")
    with (tmp_path / "layer").open("wb") as file:
        blob = write_blob([b"content" * 1000], GZIP, file)
    assert store.get("key", GZIP) is None
    store.put("key", GZIP, blob, tmp_path / "layer")
    found = store.get("key", GZIP)
    assert found is not None and found[0] == blob
    assert store.get("key", Compression("gzip", 9)) is None and store.get("other", GZIP) is None
    kept = found[1]
    data = bytearray(kept.read_bytes())
    data[-1] ^= 1
    kept.write_bytes(data)  # the same size, another content
    assert store.get("key", GZIP) is None and not kept.exists()


def test_a_store_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    store = LayerStore(tmp_path / "file" / "store")
    with (tmp_path / "layer").open("wb") as file:
        blob = write_blob([b"x"], GZIP, file)
    store.put("key", GZIP, blob, tmp_path / "layer")
    assert store.get("key", GZIP) is None
