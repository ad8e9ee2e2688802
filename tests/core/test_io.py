import errno
import gzip
import io
import lzma
import os
from pathlib import Path

import pytest
import zstandard

from tare.core.errors import OutputError
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
    with pytest.raises(OutputError):
        write_all({old: "FROM b\n", tmp_path / "taken": "x"})
    assert old.read_text() == "FROM a\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Dockerfile", "taken"]


def test_a_link_stays_a_link_and_its_file_is_written(tmp_path: Path) -> None:
    real = tmp_path / "docker" / "Dockerfile.prod"
    real.parent.mkdir()
    real.write_text("FROM a\n")
    real.chmod(0o640)
    link = tmp_path / "Dockerfile"
    link.symlink_to("docker/Dockerfile.prod")
    write_all({link: "FROM b\n"})
    assert link.is_symlink() and real.read_text() == "FROM b\n" and real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("failing", [0, 1])
def test_an_interrupt_between_the_files_restores_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    first, second = tmp_path / "Dockerfile", tmp_path / ".dockerignore"
    first.write_text("old\n")
    first.chmod(0o755)
    calls: list[object] = []
    real = os.replace

    def replace(source: str, target: str) -> None:
        if len(calls) == failing:
            raise KeyboardInterrupt
        calls.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        write_all({first: "new\n", second: "x\n"})
    assert first.read_text() == "old\n" and first.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["Dockerfile"]


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left") as caught:
        write_all({tmp_path / "Dockerfile": "x"})
    assert caught.value.where == str(tmp_path / "Dockerfile") and list(tmp_path.iterdir()) == []
