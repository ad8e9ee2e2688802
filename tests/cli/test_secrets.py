"""Secret values never reach the arguments of processes, stdout, stderr, reports or files: with a stand-in for the engine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SECRET, ARGUMENT, FOR_TEST = "s3cr3t-from-a-file", "t0ken-from-an-argument", "t0ken-for-the-test"
DOCKERFILE = """FROM python:3.11
ARG API_TOKEN
RUN --mount=type=secret,id=netrc cat /run/secrets/netrc
COPY . /app
CMD ["python", "/app/app.py"]
"""
ENGINE = """#!/bin/sh
# Writes down how it was called; prints what a careless build step would; fails.
for word in "$@"; do printf '%s\\n' "$word" >> "$RECORD"; done
case "$*" in
  *Server.Version*) echo 24.0.0 ;;
  *Client.Version*) echo 20.10.0 ;;
  build*)
    printf '#1 [1/2] RUN cat\\n#1 0.1 %s and %s\\n' "$API_TOKEN" "$LEAK"
    echo "ERROR: step with $API_TOKEN and $LEAK failed" ; exit 1 ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "docker").write_text(ENGINE)
    (folder / "docker").chmod(0o755)
    project = tmp_path / "project"
    project.mkdir()
    (project / "Dockerfile").write_text(DOCKERFILE)
    (project / "app.py").write_text("")
    (tmp_path / "netrc").write_text(SECRET + "\n")
    return {
        **os.environ,
        "PATH": f"{folder}:/usr/bin:/bin",
        "RECORD": str(tmp_path / "record"),
        "API_TOKEN": ARGUMENT,
        "LEAK": SECRET,
        "TMPDIR": str(tmp_path / "tmp"),
    }


def run(tmp_path: Path, machine: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "tmp").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "tare.cli.main", "optimize", str(tmp_path / "project"), "--builder", "docker",
         "--build-arg", "API_TOKEN", "--secret", f"id=netrc,src={tmp_path / 'netrc'}", *words],
        env=machine, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_build_that_prints_its_secrets(tmp_path: Path, machine: dict[str, str]) -> None:
    done = run(tmp_path, machine)
    assert done.returncode == 2 and "does not build" in done.stderr and "***" in done.stderr
    record = (tmp_path / "record").read_text()
    assert "API_TOKEN" in record.split() and "build" in record.split()
    for text in (done.stdout, done.stderr, record):
        assert SECRET not in text and ARGUMENT not in text
    assert list((tmp_path / "tmp").iterdir()) == []


def test_values_for_containers_are_not_in_arguments(tmp_path: Path, machine: dict[str, str]) -> None:
    engine = ENGINE.replace("ERROR: step", "fine:").replace("exit 1 ;;\n  *)", "exit 0 ;;\n  *)")
    (tmp_path / "bin" / "docker").write_text(
        engine.replace("  *) exit 1", "  run*) exit 1 ;;\n  *) echo '{}'")
    )
    (tmp_path / "project" / "tare.toml").write_text(
        f'[verify]\nport = 1\nenv = {{ SERVICE_TOKEN = "{FOR_TEST}" }}\n'
    )
    done = run(tmp_path, machine, "--format", "json")
    record = (tmp_path / "record").read_text()
    assert "SERVICE_TOKEN" in record.split() and FOR_TEST not in record
    assert FOR_TEST not in done.stderr and "Traceback" not in done.stderr


def test_a_plan_without_a_builder(tmp_path: Path, machine: dict[str, str]) -> None:
    done = run(tmp_path, machine, "--builder", "none", "--format", "json", "--output", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "planned"
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    for text in (done.stdout, done.stderr, written):
        assert SECRET not in text and ARGUMENT not in text
