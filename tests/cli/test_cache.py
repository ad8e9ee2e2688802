"""`tare cache` on the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = """FROM python:3.11 AS builder
COPY requirements.txt /r.txt
RUN pip install -r /r.txt
FROM python:3.11-slim
ARG MODE=a
COPY --from=builder /usr/local /usr/local
COPY . /app
RUN python -m compileall /app
"""


def tare(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tare.cli.main", "cache", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(TEXT)
    (tmp_path / "requirements.txt").write_text("click\n")
    (tmp_path / "app.py").write_text("import click\n")
    (tmp_path / ".dockerignore").write_text("Dockerfile\nnotes\n.git\n.dockerignore\n")
    (tmp_path / "notes").write_text("n")
    return tmp_path


def verdicts(project: Path, *words: str) -> dict[int, str]:
    done = tare(str(project), "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    return {
        step["line"]: step["verdict"]
        for step in json.loads(done.stdout)["steps"]
        if step["verdict"] != "none"
    }


def test_usual_changes(project: Path) -> None:
    source = verdicts(project)
    assert source == {2: "hit", 3: "hit", 6: "hit", 7: "miss", 8: "miss"}
    requirements = verdicts(project, "--what", "requirements")
    assert requirements == {2: "miss", 3: "miss", 6: "depends", 7: "miss", 8: "miss"}
    assert verdicts(project, "--what", "args") == {2: "hit", 3: "hit", 6: "hit", 7: "hit", 8: "miss"}
    assert set(verdicts(project, "--what", "base").values()) <= {"miss", "depends"}
    assert set(verdicts(project, "--change", str(project / "notes")).values()) == {"hit"}


def test_since_a_revision(project: Path) -> None:
    environ = os.environ | {
        f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }

    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(project), *words], check=True, capture_output=True, env=environ)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")
    assert set(verdicts(project, "--since", "HEAD").values()) == {"hit"}
    (project / "app.py").write_text("import click, sys\n")
    (project / "Dockerfile").write_text(TEXT.replace("compileall /app", "compileall -q /app"))
    assert verdicts(project, "--since", "HEAD") == {2: "hit", 3: "hit", 6: "hit", 7: "miss", 8: "miss"}
    (project / "app.py").write_text("import click\n")
    assert verdicts(project, "--since", "HEAD") == {2: "hit", 3: "hit", 6: "hit", 7: "hit", 8: "miss"}
    done = tare(str(project), "--since", "nowhere")
    assert done.returncode == 2 and "nowhere" in done.stderr and "Traceback" not in done.stderr


def test_the_dockerfile_with_marks(project: Path) -> None:
    done = tare(str(project))
    assert "↻          COPY . /app" in done.stdout and "✔          RUN pip install -r /r.txt" in done.stdout
    assert "2 of 5 steps run again" in done.stdout


def test_a_file_that_is_not_there(project: Path) -> None:
    done = tare(str(project), "--change", "nothing.py")
    assert done.returncode == 2 and "no such file in the build context" in done.stderr


def test_ways_to_keep_the_cache_in_ci(project: Path) -> None:
    text = tare(str(project), "--ci").stdout
    assert "--cache-to type=registry,ref=REGISTRY/IMAGE:buildcache,mode=max" in text
    assert "ENV SOURCE_DATE_EPOCH=" in text  # the builder compiles, and another stage copies from it
    assert "BUILDKIT_INLINE_CACHE" not in text  # two stages: inline would lose the first
    assert "buildah build --layers --cache-from" in tare(str(project), "--ci", "--rules", "buildah").stdout
    assert "docker build --target builder" in tare(str(project), "--ci", "--rules", "classic").stdout


def test_history_needs_a_history(project: Path) -> None:
    done = tare(str(project), "--history")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    done = tare(str(project), "--history", "--what", "lock")
    assert done.returncode == 2 and "--history" in done.stderr


@pytest.mark.parametrize("format_", ["text", "markdown", "json"])
def test_history(project: Path, format_: str) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", str(project), *identity, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    (project / "app.py").write_text("import click\n# more\n")
    git("commit", "-q", "-a", "-m", "two")
    done = tare(str(project), "--history", "--format", format_)
    assert done.returncode == 0, done.stderr
    if format_ == "json":
        history = json.loads(done.stdout)["history"]
        assert history["commits"] == 2
        again = {step["line"]: step["again"] for step in history["cost"]["steps"]}
        assert (again[3], again[7], again[8]) == (1, 2, 2)
    else:
        assert "requirements.txt" in done.stdout and "compileall" in done.stdout
