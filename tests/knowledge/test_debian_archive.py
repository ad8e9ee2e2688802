"""Package lists: read, kept, served stale, and closed over dependencies."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.core.errors import NetworkError
from tare.knowledge.debian_archive import (
    ArchiveSettings,
    DebianArchive,
    cache_directory,
    parse_packages,
    read_archive,
)
from tare.knowledge.debian_closure import base_packages, installs, size_of
from tests.support.debian_mirror import packed_list, serve_mirror

CLOSED = "http://127.0.0.1:9/debian"


@pytest.fixture
def archive() -> DebianArchive:
    with serve_mirror(packed_list()) as (mirror, _):
        return read_archive("bookworm", "linux/amd64", ArchiveSettings(mirror))


def names(
    archive: DebianArchive, *wanted: str, present: tuple[str, ...] = (), recommends: bool = False
) -> list[str]:
    return sorted(p.name for p in installs(archive, wanted, present, recommends=recommends).packages)


def test_reads_sizes_and_needs(archive: DebianArchive) -> None:
    gcc = archive.packages["gcc"]
    assert (gcc.packed_bytes, gcc.installed_bytes) == (8_000_000, 20_000 * 1024)
    assert gcc.depends == (("libc6",), ("cpp", "other-cpp")) and gcc.recommends == (
        ("manpages",),
        ("nowhere",),
    )
    assert archive.packages["vim"].depends[0] == ("libc6",)
    assert archive.providers["c-preprocessor"] == ("cpp",)
    assert archive.list_bytes[0] == len(packed_list())


def test_closure_takes_the_first_alternative_what_is_there_and_providers(archive: DebianArchive) -> None:
    assert names(archive, "gcc") == ["cpp", "gcc", "libc6"]
    assert names(archive, "gcc", recommends=True) == ["cpp", "gcc", "libc6", "manpages"]
    assert names(archive, "gcc", present=("libc6", "other-cpp")) == ["gcc"]
    assert names(archive, "c-preprocessor") == ["cpp"]
    vim = installs(archive, ("vim",), (), recommends=False)
    assert vim.lost == ("missing-thing",)
    assert names(archive, "vim", present=("cpp", "libc6")) == ["vim"]


def test_the_base_is_closed_too(archive: DebianArchive) -> None:
    assert base_packages(archive, "debian", "slim") == {"apt", "libc6"}
    assert base_packages(archive, "nvidia/cuda", "base") is None


def test_sizes_are_ranges(archive: DebianArchive) -> None:
    saving = size_of((archive.packages["gcc"], archive.packages["cpp"]), "list")
    disk = saving.uncompressed_bytes
    assert disk.basis == "estimated" and disk.low is not None and disk.value is not None
    assert disk.low < disk.value <= (disk.high or 0) <= 20_500 * 1024


def test_a_kept_list_is_taken_while_it_is_fresh_and_when_the_mirror_is_gone(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with serve_mirror(packed_list()) as (mirror, asked):
        wish = ArchiveSettings(mirror, cache)
        for _ in range(3):
            read_archive("bookworm", "linux/amd64", wish)
        assert len(asked) == 1
        kept = next(cache.iterdir())
        os.utime(kept, (0, 0))
        read_archive("bookworm", "linux/amd64", wish)
        assert len(asked) == 2
        os.utime(kept, (0, 0))
    stale = read_archive("bookworm", "linux/amd64", wish)
    assert "cannot be reached" in stale.source and stale.packages["gcc"]
    kept.write_bytes(b"\x93garbage")
    with pytest.raises(NetworkError):
        read_archive("bookworm", "linux/amd64", wish)
    assert [path.name for path in cache.iterdir()] == [kept.name]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with serve_mirror(packed_list()) as (mirror, _):
        found = read_archive("bookworm", "linux/amd64", ArchiveSettings(mirror, tmp_path / "file" / "x"))
    assert found.packages


@pytest.mark.parametrize("body", [b"", b"no xz at all", packed_list()[:-20], packed_list("")])
def test_a_damaged_list_is_said(body: bytes) -> None:
    with serve_mirror(body) as (mirror, _), pytest.raises(NetworkError) as caught:
        read_archive("bookworm", "linux/amd64", ArchiveSettings(mirror))
    assert "package list" in str(caught.value)


def test_a_mirror_that_is_not_there_or_lacks_the_release() -> None:
    with pytest.raises(NetworkError) as caught:
        read_archive("bookworm", "linux/amd64", ArchiveSettings("http://me:pw@127.0.0.1:9/debian"))
    assert "cannot be reached" in str(caught.value) and "pw" not in str(caught.value)
    assert "--debian-mirror" in (caught.value.hint or "")
    with serve_mirror(packed_list()) as (mirror, _), pytest.raises(NetworkError, match="404"):
        read_archive("bookworm", "linux/arm64", ArchiveSettings(mirror))
    with pytest.raises(NetworkError, match="no packages for"):
        read_archive("bookworm", "windows/amd64", ArchiveSettings(CLOSED))


def test_where_lists_are_kept() -> None:
    assert cache_directory({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == Path("/c/tare/debian")
    assert cache_directory({"HOME": "/h"}) == Path("/h/.cache/tare/debian")
    assert cache_directory({"XDG_CACHE_HOME": "relative"}) is None


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="Package:Sizednes-Io,|() \n1ab", max_size=200))
def test_any_text_is_read_without_an_accident(text: str) -> None:
    for package in parse_packages(text):
        assert package.packed_bytes >= 0 and package.installed_bytes >= 0
