import gzip
import io
import lzma
from pathlib import Path

import pytest
import zstandard

from tare.core.io import open_stream, write_all

PLAIN = b"layer" * 10_000


@pytest.mark.parametrize(
    "packed", [PLAIN, gzip.compress(PLAIN), zstandard.compress(PLAIN), lzma.compress(PLAIN)], ids=len
)
def test_open_stream_recognises_compression_by_content(packed: bytes) -> None:
    assert open_stream(io.BytesIO(packed)).read() == PLAIN


def test_write_all_replaces_every_file_and_keeps_the_mode(tmp_path: Path) -> None:
    old = tmp_path / "Dockerfile"
    old.write_text("FROM a\n")
    old.chmod(0o600)
    write_all({old: "FROM b\r\n", tmp_path / ".dockerignore": "x\n"})
    assert old.read_bytes() == b"FROM b\r\n"
    assert old.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [".dockerignore", "Dockerfile"]


def test_write_all_changes_nothing_when_one_target_cannot_be_written(tmp_path: Path) -> None:
    old = tmp_path / "Dockerfile"
    old.write_text("FROM a\n")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_all({old: "FROM b\n", tmp_path / "taken": "x"})
    assert old.read_text() == "FROM a\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Dockerfile", "taken"]
