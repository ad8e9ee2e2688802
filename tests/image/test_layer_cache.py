"""A second look gives the same and reads nothing; whatever happened to cache or image shows."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tare.core.errors import ImageError
from tare.image import Analysis, analyse, open_image
from tare.image.access import Access
from tare.image.compressibility import Sampler
from tare.image.layer_cache import LayerCache
from tare.image.model import Image, Layer
from tare.image.scan import Entry, LayerScan
from tare.image.tarhead import BLOCK, DIRECTORY, FILE, SYMLINK
from tests.support.random_image import Operation, layer_tar, oci_files, write_docker_archive, write_files

LAYERS = [
    [Operation("file", "a/one", b"1" * 5000), Operation("symlink", "l", link="a/one")],
    [Operation("whiteout", "a/one"), Operation("file", "var/lib/dpkg/status", b"Package: x\nVersion: 1\n")],
]
TARS = [layer_tar(layer) for layer in LAYERS]


class Counted:
    """How often the layers of an image are opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        opened = Image.open_blob

        def open_blob(image: Image, layer: Layer) -> object:
            self.count += 1
            return opened(image, layer)

        monkeypatch.setattr(Image, "open_blob", open_blob)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


def look(reference: Path, cache: LayerCache, **options: bool) -> Analysis:
    with open_image(str(reference), access=Access()) as image:
        return analyse(image, cache=cache, **options)  # type: ignore[arg-type]


def seen(found: Analysis) -> Sequence[object]:
    return [
        (scan.entries, scan.captured, scan.plain_bytes, scan.blob_bytes, scan.compressed)
        for scan in found.scans
    ]


@pytest.mark.parametrize("kind", ["archive", "layout"])
def test_a_second_look_reads_nothing(tmp_path: Path, opened: Counted, kind: str) -> None:
    if kind == "archive":
        place = write_docker_archive(tmp_path / "i.tar", TARS)
    else:
        place = write_files(tmp_path / "layout", oci_files(TARS))
    cache = LayerCache(tmp_path / "cache")
    first = look(place, cache)
    assert opened.count == 2
    second = look(place, LayerCache(tmp_path / "cache"))
    assert opened.count == 2
    assert seen(first) == seen(second) and first.packages == second.packages
    assert [node.path for node in first.tree.walk()] == [node.path for node in second.tree.walk()]


def test_the_same_layers_elsewhere_are_verified_again(tmp_path: Path, opened: Counted) -> None:
    cache = LayerCache(tmp_path / "cache")
    look(write_docker_archive(tmp_path / "one.tar", TARS), cache)
    look(write_docker_archive(tmp_path / "two.tar", TARS), cache)
    assert opened.count == 4
    look(tmp_path / "two.tar", cache)
    assert opened.count == 4
    altered = (tmp_path / "two.tar").read_bytes().replace(b"1" * 5000, b"1" * 4999 + b"2")
    (tmp_path / "two.tar").write_bytes(altered)
    with pytest.raises(ImageError, match="wrong digest"):
        look(tmp_path / "two.tar", cache)


def test_a_sample_is_taken_when_it_is_missing(tmp_path: Path) -> None:
    place, cache = write_docker_archive(tmp_path / "i.tar", TARS), LayerCache(tmp_path / "cache")
    assert not look(place, cache, sample=False).scans[0].sampler.shares
    assert look(place, cache).scans[0].sampler.shares
    assert look(place, cache, sample=False).scans[0].sampler.shares


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "old"])
def test_a_damaged_entry_is_none(tmp_path: Path, opened: Counted, damage: str) -> None:
    place, cache = write_docker_archive(tmp_path / "i.tar", TARS), LayerCache(tmp_path / "cache")
    first = look(place, cache)
    for path in (tmp_path / "cache").rglob("*.layer"):
        raw = path.read_bytes()
        changed = {
            "cut": raw[:-9],
            "flip": raw[:-9] + b"\0" * 9,
            "empty": b"",
            "old": b"tare layer 0\n" + raw[13:],
        }
        path.write_bytes(changed[damage])
    assert seen(look(place, cache)) == seen(first) and opened.count == 4


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    look(write_docker_archive(tmp_path / "i.tar", TARS), LayerCache(tmp_path / "cache"))


def test_the_oldest_go_first(tmp_path: Path) -> None:
    scan = LayerScan((), {}, 0, 0, False, Sampler(0))
    cache = LayerCache(tmp_path, limit_bytes=1000)
    for number in range(40):
        cache.put(f"{number:064}", scan, "w")
        os.utime(tmp_path / f"layers-1/{number:064}.layer", (number, number))
    left = sorted((tmp_path / "layers-1").iterdir())
    assert sum(path.stat().st_size for path in left) <= 1000
    assert cache.get(f"{39:064}", sampled=False) == (scan, "w")
    assert cache.get(f"{0:064}", sampled=False) is None


def test_many_at_once(tmp_path: Path) -> None:
    place = write_docker_archive(tmp_path / "i.tar", TARS)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: seen(look(place, LayerCache(tmp_path / "cache"))), range(24)))
    assert all(one == found[0] for one in found)
    assert not list((tmp_path / "cache").rglob(".*"))


_NAMES = st.text(max_size=12) | st.binary(max_size=12).map(lambda raw: os.fsdecode(raw))
_ENTRIES = st.builds(
    Entry,
    path=_NAMES,
    kind=st.sampled_from([FILE, DIRECTORY, SYMLINK, BLOCK]),
    size_bytes=st.integers(0, 1 << 62),
    stored_bytes=st.integers(0, 1 << 62),
    mode=st.integers(0, 0o7777),
    uid=st.integers(0, 1 << 31),
    gid=st.integers(0, 1 << 31),
    mtime=st.integers(-(1 << 60), 1 << 60),
    link=_NAMES,
    device=st.none() | st.tuples(st.integers(0, 255), st.integers(0, 255)),
    xattrs=st.lists(st.tuples(_NAMES, _NAMES), max_size=2).map(tuple),
    sparse=st.none() | st.binary(max_size=5),
    content=st.integers(0, (1 << 64) - 1),
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(_ENTRIES, max_size=5), st.dictionaries(st.integers(0, 9), st.binary(), max_size=2), st.booleans()
)
def test_everything_comes_back_as_it_was(
    tmp_path: Path, entries: list[Entry], captured: dict[int, bytes], compressed: bool
) -> None:
    scan = LayerScan(tuple(entries), captured, 5, 4, compressed, Sampler(7, shares=[(1, 2)]), (3,))
    cache = LayerCache(tmp_path)
    cache.put("k" * 64, scan, "w")
    assert cache.get("k" * 64, sampled=True) == (scan, "w")
    assert all(
        entry.kind is kind
        for entry in scan.entries
        for kind in [FILE, DIRECTORY, SYMLINK, BLOCK]
        if entry.kind == kind
    )
