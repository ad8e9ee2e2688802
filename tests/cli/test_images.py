"""`tare inspect` as a process: stdin, the cache and its switch, one clear error for what cannot be read."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.random_image import Operation, layer_tar, write_docker_archive

TARS = [layer_tar([Operation("file", "a", b"1" * 5000)]), layer_tar([Operation("whiteout", "a")])]


def tare(folder: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(folder / "cache"),
        "DOCKER_HOST": f"unix://{folder}/none",
    }
    command = [sys.executable, "-m", "tare.cli.main", "inspect", "-q", "--format", "json", *words]
    return subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False, timeout=60)


def test_stdin_cache_and_errors(tmp_path: Path) -> None:
    archive = write_docker_archive(tmp_path / "i.tar", TARS)
    without = tare(tmp_path, "--no-cache", str(archive))
    assert without.returncode == 0, without.stderr
    assert not (tmp_path / "cache").exists()
    first, second = tare(tmp_path, str(archive)), tare(tmp_path, str(archive))
    assert without.stdout == first.stdout == second.stdout
    assert len(list((tmp_path / "cache").rglob("*.layer"))) == 2
    piped = tare(tmp_path, "-", stdin=archive.read_bytes())
    assert json.loads(piped.stdout)["waste"] == json.loads(first.stdout)["waste"]
    for words, stdin in ((["-"], archive.read_bytes()[:9000]), (["docker://127.0.0.1:1/app"], b"")):
        failed = tare(tmp_path, *words, stdin=stdin)
        assert failed.returncode == 2 and not failed.stdout
        assert (
            failed.stderr.startswith(b"error: ")
            and b"hint: " in failed.stderr
            and b"Traceback" not in failed.stderr
        )
