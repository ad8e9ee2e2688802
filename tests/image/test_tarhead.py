"""Tar headers against Python's tarfile and against archives that GNU tar wrote; hostile ones by hand."""

import io
import os
import subprocess
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.core.errors import ImageError
from tare.image.limits import DEFAULT_LIMITS, Limits
from tare.image.tarhead import DIRECTORY, FILE, Header, clean_path, padded, parse_pax, read_header

_KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.LNKTYPE: "hardlink",
    tarfile.SYMTYPE: "symlink",
    tarfile.CHRTYPE: "character",
    tarfile.BLKTYPE: "block",
    tarfile.DIRTYPE: "directory",
    tarfile.FIFOTYPE: "fifo",
}


def headers(tar: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Header]:
    stream = io.BytesIO(tar)
    found = []
    while (header := read_header(stream.read, limits)) is not None:
        found.append(header)
        stream.seek(padded(header.stored_bytes), io.SEEK_CUR)
    return found


_PART = st.one_of(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.binary(min_size=1, max_size=30).map(
        lambda raw: os.fsdecode(raw.replace(b"/", b"_").replace(b"\0", b"_"))
    ),
    st.sampled_from(["x" * 99, "y" * 101, "z" * 155, "w" * 256, "new\nline", " ", "ü", "\\"]),
).filter(lambda part: part not in (".", ".."))
_PATHS = st.lists(_PART, min_size=1, max_size=5).map("/".join)
_INFO = st.fixed_dictionaries(
    {
        "name": _PATHS,
        "type": st.sampled_from(list(_KINDS)),
        "linkname": _PATHS,
        "mode": st.integers(0, 0o7777),
        "uid": st.integers(0, (1 << 31) - 1),
        "gid": st.integers(0, (1 << 31) - 1),
        "mtime": st.integers(-(1 << 33), 1 << 40),
        "devmajor": st.integers(0, 4095),
        "devminor": st.integers(0, 255),
        "size": st.integers(0, 1500),
    }
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_INFO, max_size=4), st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))
def test_as_tarfile_writes_them(infos: list[dict[str, object]], format: int) -> None:
    target = io.BytesIO()
    written = []
    with tarfile.open(fileobj=target, mode="w", format=format, errors="surrogateescape") as tar:
        for fields in infos:
            info = tarfile.TarInfo()
            for key, value in fields.items():
                setattr(info, key, value)
            if info.type != tarfile.REGTYPE:
                info.size = 0
            if info.type not in (tarfile.LNKTYPE, tarfile.SYMTYPE):
                info.linkname = ""
            tar.addfile(info, io.BytesIO(b"c" * info.size))
            written.append(info)
    for header, info in zip(headers(target.getvalue()), written, strict=True):
        assert header.path == info.name and header.kind == _KINDS[info.type]
        assert (header.mode, header.uid, header.gid) == (info.mode, info.uid, info.gid)
        assert header.mtime == info.mtime and header.size_bytes == info.size
        assert header.link == info.linkname
        if info.type in (tarfile.CHRTYPE, tarfile.BLKTYPE):
            assert header.device == (info.devmajor, info.devminor)


@pytest.mark.parametrize(
    "options",
    [
        ["--format=gnu"],
        ["--format=oldgnu"],
        ["--format=posix", "--sparse-version=0.0"],
        ["--format=posix", "--sparse-version=0.1"],
        ["--format=posix", "--sparse-version=1.0"],
    ],
    ids=lambda options: "-".join(options).replace("--", ""),
)
def test_sparse_files_of_gnu_tar(tmp_path: Path, options: list[str]) -> None:
    holes = tmp_path / "holes"
    with holes.open("wb") as file:
        for at in range(40):
            file.seek(at * 100_000)
            file.write(b"data%d" % at)
        file.truncate(10_000_000)
    (tmp_path / ("n" * 120)).write_bytes(b"after")
    archive = subprocess.run(
        ["tar", "-C", str(tmp_path), "-c", "--sparse", *options, "holes", "n" * 120],
        check=True,
        capture_output=True,
    ).stdout
    sparse, after = headers(archive)
    assert (sparse.path, sparse.kind, sparse.size_bytes) == ("holes", FILE, 10_000_000)
    assert sparse.stored_bytes < 1_000_000 and sparse.sparse
    assert (after.path, after.size_bytes) == ("n" * 120, 5)


def test_extended_attributes_and_numbers_of_gnu_tar(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    os.setxattr(tmp_path / "f", "user.note", b"hello")
    os.utime(tmp_path / "f", (-5.5, -5.5))
    archive = subprocess.run(
        ["tar", "-C", str(tmp_path), "-c", "--xattrs", "--format=posix", "--owner=:3000000000", "f"],
        check=True,
        capture_output=True,
    ).stdout
    (found,) = headers(archive)
    assert found.xattrs == (("user.note", "hello"),) and found.uid == 3_000_000_000
    gnu = subprocess.run(
        ["tar", "-C", str(tmp_path), "-c", "--format=gnu", "--owner=:3000000000", "f"],
        check=True,
        capture_output=True,
    ).stdout
    assert headers(gnu)[0].uid == 3_000_000_000 and headers(gnu)[0].mtime == -6


def block(**fields: bytes) -> bytes:
    """A ustar header with some raw fields and the right checksum."""
    places = {
        "name": 0,
        "mode": 100,
        "uid": 108,
        "gid": 116,
        "size": 124,
        "mtime": 136,
        "type": 156,
        "link": 157,
    }
    raw = bytearray(tarfile.TarInfo("f").tobuf(tarfile.USTAR_FORMAT))
    for name, value in fields.items():
        raw[places[name] : places[name] + len(value)] = value
    raw[148:156] = b" " * 8
    raw[148:155] = b"%06o\0" % sum(raw)
    return bytes(raw)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (block(size=b"\xff" * 12), "negative number"),
        (block(size=b"\x80" + b"\xff" * 11), "impossible size"),
        (block(size=b"77777777778\0"), "not an octal number"),
        (block(size=b"-0000000001\0"), "not an octal number"),
        (block(size=b"0x000000001\0"), "not an octal number"),
        (block(size=b"1_000000000\0"), "not an octal number"),
        (block(mtime=b"-0000000069\0"), "not an octal number"),  # found by fuzzing
        (block(name=b"../../etc/passwd"), "leads out of the root"),
        (block(name=b"a/../../b"), "leads out of the root"),
        (block(type=b"1", link=b"../x"), "leads out of the root"),
        (block(type=b"V"), "unknown tar entry type"),
        (block(type=b"x", size=b"77777777777\0"), "extension header"),
        (block(name=b"f")[:300], "ends within a header"),
        (b"\1" * 512, "checksum"),
        (block()[:-1] + b"\1", "checksum"),
        (b"\0" * 512 + block(), "data after a lone zero block"),
    ],
)
def test_hostile_headers(raw: bytes, said: str) -> None:
    with pytest.raises(ImageError, match=said):
        headers(raw)


def test_absolute_names_and_dots_stay_inside() -> None:
    assert headers(block(name=b"/etc//./passwd"))[0].path == "etc/passwd"
    assert headers(block(name=b"./"))[0].path == ""
    assert headers(block(name=b"a/b/../c"))[0].path == "a/c"
    assert headers(block(name=b"d/", type=b"\0"))[0].kind is DIRECTORY


@given(st.binary(max_size=200))
def test_pax_records_never_surprise(raw: bytes) -> None:
    with suppress(ImageError):
        parse_pax(raw)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=1600), st.integers(0, 1535), st.binary(min_size=1, max_size=12))
def test_any_bytes_are_headers_or_an_error(raw: bytes, at: int, change: bytes) -> None:
    base = bytearray(block(type=b"L", size=b"00000000005\0") + b"hello".ljust(512, b"\0") + block(name=b"x"))
    base[at : at + len(change)] = change
    fixed = bytearray(base[:512])
    fixed[148:156] = b" " * 8
    fixed[148:155] = b"%06o\0" % sum(fixed)
    for tar in (raw, bytes(base), bytes(fixed) + bytes(base[512:])):
        with suppress(ImageError):
            for header in headers(tar):
                assert not header.path.startswith(("/", "../")) and header.size_bytes >= 0


@given(st.text(st.sampled_from("ab./\n"), max_size=12))
def test_cleaned_paths_are_clean(path: str) -> None:
    try:
        found = clean_path(path)
    except ImageError:
        return
    assert found == clean_path(found)
    assert not found.startswith("/") and all(
        part not in ("", ".", "..") for part in found.split("/") if found
    )
