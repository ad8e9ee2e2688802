import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare.knowledge.wheel_directory import TAIL_BYTES, WheelContents, read_contents


def _zip(files: dict[str, bytes], comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        archive.writestr("folder/", b"")
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _only64(body: bytes) -> bytes:
    """The same with an end record that leaves everything to the zip64 record, as in files over 4 GiB."""
    end = body.rindex(b"PK\x05\x06")
    return body[: end + 8] + b"\xff" * 12 + body[end + 20 :]


def _read(body: bytes) -> WheelContents:
    return read_contents(len(body), lambda start, length: body[start : start + length])


def _expected(body: bytes) -> WheelContents:
    """The standard library's view."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
    return WheelContents(
        len(infos),
        sum(info.file_size for info in infos),
        sum(info.compress_size for info in infos),
        sum(info.file_size for info in infos if info.filename.endswith(".py")),
    )


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=12)


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=12), st.binary(max_size=40))
def test_the_totals_are_the_standard_librarys(files: dict[str, bytes], comment: bytes) -> None:
    if b"PK\x05\x06" in comment:
        return
    body = _zip(files, comment)
    assert _read(body) == _expected(body)


def test_zip64_records_and_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.py": b"x" * 1000, "b.so": b"y" * 5000}
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    body = _zip(files)
    assert b"PK\x06\x06" in body
    assert b"\xff\xff\xff\xff\xff\xff\xff\xff" in body
    assert _read(body) == _read(_only64(body)) == _expected(body)
    assert _read(body).uncompressed_bytes == 6000


def test_a_zip64_record_before_the_tail_is_read_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    body = _only64(_zip({"a.py": b"x" * 1000}))
    reads: list[tuple[int, int]] = []

    def read(start: int, length: int) -> bytes:
        reads.append((start, length))
        return body[start : start + length]

    assert read_contents(len(body), read, body[-50:]) == _expected(body)
    assert reads[0][1] == 56


def test_a_directory_bigger_than_the_tail_takes_one_more_read() -> None:
    body = _zip({f"package/module_{number:05}.py": b"" for number in range(3000)})
    reads: list[int] = []

    def read(start: int, length: int) -> bytes:
        reads.append(length)
        return body[start : start + length]

    assert read_contents(len(body), read) == _expected(body)
    assert len(reads) == 2
    assert reads[0] == TAIL_BYTES


@pytest.mark.parametrize("body", [b"", b"PK", b"no zip at all" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        _read(body)


@given(st.data())
def test_damage_never_crashes(data: st.DataObject) -> None:
    body = bytearray(_zip({"a.py": b"1" * 50, "b.py": b"2" * 70}))
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(body[data.draw(st.integers(0, len(body))) :])
    try:
        contents = _read(cut)
    except ValueError:
        return
    assert contents.files <= 4
