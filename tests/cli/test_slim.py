"""The verbs `slim` and `why` from the command line: exit codes, streams, formats, options."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.slim.images import SITE, archive
from tests.slim.test_pipeline import FILES


def tare(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tare.cli.main", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


def test_slim_then_why(tmp_path: Path) -> None:
    archive(tmp_path, [FILES])
    done = tare(
        tmp_path, "slim", "image.tar", "-o", "oci:out:x", "--builder", "none", "--format", "json", "--compress", "zstd",
        "--compression-level", "9", "--gpu", "sm_90", "--squash", "--ledger", "ledger.json", "-q",
    )  # fmt: skip
    assert done.returncode == 0 and not done.stderr, done.stderr
    report = json.loads(done.stdout)
    assert (
        report["verb"] == "slim" and report["layout"] == "squash" and report["digest"].startswith("sha256:")
    )
    assert json.loads((tmp_path / "ledger.json").read_text())["entries"]
    found = tare(tmp_path, "why", "oci:out:x", f"{SITE}/pkg/tests", "-q")
    assert found.returncode == 0 and "removed by tests" in found.stdout and "python:pkg 1.0" in found.stdout
    nothing = tare(tmp_path, "why", "oci:out:x", "/etc/conf", "-q")
    assert nothing.returncode == 1 and "as it was" in nothing.stdout


@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_a_plan_in_words(tmp_path: Path, format_: str) -> None:
    archive(tmp_path, [FILES])
    done = tare(tmp_path, "slim", "image.tar", "--format", format_)
    assert done.returncode == 0 and "tests" in done.stdout and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.tar", "-o", "oci:x"], "nothing.tar"),
        (["image.tar", "-o", "image.tar"], "cannot write"),
        (["image.tar", "-o", "oci:x", "--gpu", "hopper"], "not a GPU architecture"),
        (["image.tar", "-o", "oci:x", "--without", "nope"], "there is no step nope"),
        (["image.tar", "-o", "oci:no/such/dir/x"], "there is no directory"),
        (["image.tar", "-o", "oci:x", "--compress", "zstd", "--compression-level", "40"], "has no level 40"),
        (["image.tar", "-o", "oci:x", "--builder", "nope"], "there is no engine nope"),
    ],
)
def test_errors_are_one_message_and_exit_code_2(tmp_path: Path, words: list[str], said: str) -> None:
    archive(tmp_path, [FILES])
    done = tare(tmp_path, "slim", *words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["image.tar"]


def test_what_is_taken_away_comes_back_and_both_bills_are_written(tmp_path: Path) -> None:
    archive(tmp_path, [FILES])
    done = tare(
        tmp_path, "slim", "image.tar", "-o", "oci:out:x", "--builder", "none", "--restore-layer", "oci:kept:x",
        "--sbom", "bills", "-q",
    )  # fmt: skip
    assert done.returncode == 0 and "kept for tare restore: oci:kept:x" in done.stdout, done.stderr
    for name in ("before", "after"):
        assert json.loads((tmp_path / f"bills/{name}.cdx.json").read_text())["bomFormat"] == "CycloneDX"
    back = tare(tmp_path, "restore", "oci:out:x", "oci:kept:x", "-o", "docker-archive:back.tar", "-q")
    assert back.returncode == 0 and "is that of the original" in back.stdout, back.stderr
    wrong = tare(tmp_path, "restore", "oci:kept:x", "oci:out:x", "-o", "docker-archive:no.tar", "-q")
    assert wrong.returncode == 2 and "no restore layer" in wrong.stderr and not (tmp_path / "no.tar").exists()
    useless = tare(tmp_path, "slim", "image.tar", "--workload", "ls")
    assert useless.returncode == 2 and "--level trace" in useless.stderr
