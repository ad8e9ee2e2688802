"""The command line on good and bad input: one message, a hint, the right exit code, nothing written."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

DOCKERFILE = 'FROM python:3.11\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\nCMD ["python", "app.py"]\n'


def tare(
    *words: str, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tare.cli.main", *words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "requirements.txt").write_text("click\n")
    (root / "app.py").write_text("import click\n")
    return root


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_plans_without_a_builder_and_changes_nothing(project: Path, tmp_path: Path) -> None:
    before = snapshot(project)
    done = tare(
        "optimize", str(project), "--builder", "none", "--format", "json", "--output", str(tmp_path / "out")
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["outcome"] == "planned"
    assert {item["transform"] for item in report["plan"] if item["status"] == "applied"} >= {
        "multi-stage",
        "non-root",
    }
    assert snapshot(project) == before
    assert (tmp_path / "out" / "Dockerfile").read_text() == report["dockerfile"]["after"]


def test_writes_unproved_changes_only_when_asked_to(project: Path) -> None:
    done = tare("optimize", str(project), "--builder", "none", "--write", "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    trust = {item["applicability"] for item in report["plan"] if item["status"] == "applied"}
    assert trust == {"safe"} and "Dockerfile" in report["written"]
    assert (project / "Dockerfile").read_text() == report["dockerfile"]["after"]
    assert "AS builder" not in report["dockerfile"]["after"]
    assert "--unsafe-fixes" in json.dumps(report["plan"])
    done = tare("optimize", str(project), "--builder", "none", "--write", "--unsafe-fixes")
    assert done.returncode == 0 and "AS builder" in (project / "Dockerfile").read_text()


def test_the_diff_alone_has_an_exit_code(project: Path) -> None:
    before = snapshot(project)
    done = tare("optimize", str(project), "--builder", "none", "--diff")
    assert done.returncode == 1 and done.stdout.startswith("--- a/Dockerfile")
    assert snapshot(project) == before
    tare("optimize", str(project), "--builder", "none", "--write", "--unsafe-fixes")
    done = tare("optimize", str(project), "--builder", "none", "--diff")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FROM python:3.11\nRUNN pip\n", "Dockerfile:2:1"),
        ("FROM python:3.11\nCOPY --bogus a b\n", "Dockerfile:2:"),
        ("RUN true\n", "Dockerfile:1:1"),
        ("", "Dockerfile:1:1"),
    ],
)
def test_a_syntax_error_has_its_place(project: Path, text: str, said: str) -> None:
    (project / "Dockerfile").write_text(text)
    done = tare("optimize", str(project), "--builder", "none")
    assert done.returncode == 2 and said in done.stderr
    assert "Traceback" not in done.stderr and not done.stdout


def test_no_dockerfile(tmp_path: Path) -> None:
    done = tare("optimize", str(tmp_path), "--builder", "none")
    assert done.returncode == 2 and "no Dockerfile" in done.stderr and "hint:" in done.stderr


def test_an_unknown_key_in_the_configuration(project: Path) -> None:
    (project / "tare.toml").write_text("[verify]\nprobs = []\n")
    done = tare("optimize", str(project), "--builder", "none")
    assert done.returncode == 2 and "probs" in done.stderr and "tare.toml" in done.stderr


def test_no_engine(project: Path, tmp_path: Path) -> None:
    done = tare("optimize", str(project), env={"PATH": str(tmp_path)})
    assert done.returncode == 0 and "nothing was built" in done.stdout and "docker" in done.stdout
    asked = tare("optimize", str(project), "--builder", "docker", env={"PATH": str(tmp_path)})
    assert asked.returncode == 2 and "hint:" in asked.stderr and not asked.stdout


def test_an_odd_context(project: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    try:
        os.chdir(project)
        listener.bind("control.sock")
        (project / "loop").symlink_to("loop")
        (project / os.fsdecode(b"caf\xe9.txt")).write_text("x")
        done = tare("context", str(project), "--format", "json")
    finally:
        listener.close()
        os.chdir("/")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["sent_files"] >= 4


def test_an_unresolvable_requirement_is_said(project: Path) -> None:
    (project / "requirements.txt").write_text("click==99.99.99\n")
    done = tare("optimize", str(project), "--builder", "none", "--format", "json")
    assert done.returncode == 0
    assert any("click" in note for note in json.loads(done.stdout)["notes"])
