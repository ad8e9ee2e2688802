"""Bad input: one message with its place, a hint, the right exit code, nothing written, no traceback."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

DOCKERFILE = (
    'FROM python:3.11\nCOPY . /app\nRUN pip install -r /app/requirements.txt\nCMD ["python", "/app/app.py"]\n'
)
CLOSED = "http://127.0.0.1:9"
UNPRIVILEGED = 65534


def tare(
    *words: str, env: Mapping[str, str] | None = None, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-m", "tare.cli.main", *words],
        env={
            **os.environ,
            "PIP_INDEX_URL": f"{CLOSED}/simple",
            "TARE_ESTIMATES_DEBIAN_MIRROR": CLOSED,
            **(env or {}),
        },
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
    (root / "requirements.txt").write_text("click==8.1.7\n")
    (root / "app.py").write_text("import click\n")
    return root


def state(root: Path) -> dict[str, tuple[int, object]]:
    found: dict[str, tuple[int, object]] = {}
    for path in sorted(root.rglob("*")):
        info = path.lstat()
        content: object = (
            os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        )
        found[os.fsdecode(os.fsencode(path))] = (info.st_mode, content)
    return found


def refused(done: subprocess.CompletedProcess[str], code: int, *said: str) -> None:
    """The contract of every expected error."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""
    errors = [line for line in done.stderr.splitlines() if line.lower().startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert any(line.startswith("hint: ") for line in done.stderr.splitlines()), done.stderr
    for text in said:
        assert text in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("text", "place", "message", "caret"),
    [
        ("FROM python:3.11\nRUN a \\\n  && b\nCOPYY . /app\n", "4:1", "unknown instruction: COPYY", 0),
        ("FROM python:3.11\nCOPY --chmdo=755 . /app\n", "2:6", "unknown flag: --chmdo", 5),
        ("FROM python:3.11\nENV a\n", "2:5", "ENV must have two arguments", 4),
        ("FROM python:3.11\nRUN <<EOF\nfoo\n", "2:1", "unterminated heredoc EOF", 0),
        ("FROM python:3.11\nHEALTHCHECK --interval=x CMD true\n", "2:13", "invalid duration", 12),
    ],
)
def test_a_syntax_error_shows_line_and_caret(
    project: Path, text: str, place: str, message: str, caret: int
) -> None:
    (project / "Dockerfile").write_text(text)
    before = state(project)
    done = tare("optimize", str(project), "--write", "--builder", "none")
    refused(done, 2, f"{project}/Dockerfile:{place}: {message}")
    lines = done.stderr.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip() == "^")
    assert lines[at] == " " * caret + "^" and lines[at - 1] in text.splitlines()
    assert state(project) == before


def make_directory(root: Path) -> None:
    (root / "Dockerfile").unlink()
    (root / "Dockerfile").mkdir()


def make_loop(root: Path) -> None:
    (root / "Dockerfile").unlink()
    (root / "Dockerfile").symlink_to("Dockerfile")


def make_latin(root: Path) -> None:
    (root / "Dockerfile").write_bytes(b"FROM python:3.11\n# caf\xe9\n")


def make_other_name(root: Path) -> None:
    (root / "Dockerfile").rename(root / "Dockerfile.prod")


def make_nothing(root: Path) -> None:
    shutil.rmtree(root)
    root.mkdir()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (make_nothing, "there is no Dockerfile"),
        (make_other_name, "Dockerfile.prod"),
        (make_directory, "is a directory"),
        (make_loop, "the link leads to no file"),
        (make_latin, "Dockerfile:2: not UTF-8 at byte 22"),
    ],
)
def test_no_dockerfile_that_can_be_read(project: Path, change: Callable[[Path], None], said: str) -> None:
    change(project)
    before = state(project)
    for verb in ("optimize", "context"):
        refused(tare(verb, str(project), *(["--builder", "none"] if verb == "optimize" else [])), 2, said)
    assert state(project) == before


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    refused(tare("optimize", str(tmp_path / "nosuch")), 2, "nosuch: not a directory")


@pytest.mark.parametrize("line", ["click==99.99.99", "cl ick =="])
def test_an_unresolvable_requirement_is_said_with_its_line(project: Path, line: str) -> None:
    (project / "requirements.txt").write_text(f"# ours\n{line}\n")
    done = tare("optimize", str(project), "--builder", "none", env={"PIP_INDEX_URL": "file:///nonexistent"})
    assert done.returncode == 0 and "Traceback" not in done.stderr
    joined = " ".join(done.stdout.split())
    assert (
        "requirements.txt:2" in joined and "cannot be resolved" in joined and "size on disk unknown" in joined
    )


def test_an_index_that_cannot_be_reached_is_named(project: Path) -> None:
    done = tare("optimize", str(project), "--builder", "none")
    joined = " ".join(done.stdout.split())
    assert done.returncode == 0 and f"{CLOSED}/simple: the package index cannot be reached" in joined
    assert "PIP_INDEX_URL names another index" in joined and "size on disk unknown" in joined


FAKE = """#!/bin/sh
case "$*" in
  *Server.Version*) {server} ;;
  *Client.Version*) echo 20.10.0 ;;
  build*) {build} ;;
  *) exit 1 ;;
esac
"""


def fake_docker(tmp_path: Path, server: str = "echo 24.0.0", build: str = "exit 0") -> dict[str, str]:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "docker").write_text(FAKE.format(server=server, build=build))
    (folder / "docker").chmod(0o755)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    return {"PATH": str(folder), "TMPDIR": str(temporary)}


def left_over(env: Mapping[str, str]) -> list[Path]:
    return list(Path(env["TMPDIR"]).iterdir())


@pytest.mark.parametrize("name", ["docker", "buildah", "podman"])
def test_an_engine_that_is_not_installed(project: Path, tmp_path: Path, name: str) -> None:
    before = state(project)
    refused(
        tare("optimize", str(project), "--write", "--builder", name, env={"PATH": str(tmp_path)}), 2, name
    )
    assert state(project) == before


def test_an_engine_that_does_not_run(project: Path, tmp_path: Path) -> None:
    env = fake_docker(tmp_path, server="echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    refused(
        tare("optimize", str(project), "--builder", "docker", env=env), 2, "does not answer", "Cannot connect"
    )


def test_an_engine_that_refuses_this_user(project: Path, tmp_path: Path) -> None:
    env = fake_docker(tmp_path, server="echo 'permission denied while trying to connect' >&2; exit 1")
    refused(
        tare("optimize", str(project), "--builder", "docker", env=env), 2, "refuses this user", "group docker"
    )


def test_an_engine_whose_disk_is_full(project: Path, tmp_path: Path) -> None:
    env = fake_docker(tmp_path, build="echo 'write /var/lib/x: no space left on device'; exit 1")
    before = state(project)
    done = tare("optimize", str(project), "--write", "--builder", "docker", env=env)
    refused(done, 2, "the engine's disk is full", "no space left", "prune")
    assert state(project) == before and left_over(env) == []


def test_an_original_that_does_not_build(project: Path, tmp_path: Path) -> None:
    env = fake_docker(tmp_path, build="echo '#5 ERROR: exit code: 1'; exit 1")
    before = state(project)
    done = tare("optimize", str(project), "--write", "--builder", "docker", env=env)
    refused(done, 2, "Dockerfile: the original does not build", "ERROR: exit code: 1", "make it build first")
    assert state(project) == before and left_over(env) == []


def test_a_context_with_everything_that_can_be_in_a_directory(project: Path) -> None:
    os.mkfifo(project / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    try:
        os.chdir(project)
        listener.bind("control.sock")
    finally:
        os.chdir(here)
        listener.close()
    (project / "loop").symlink_to("loop")
    (project / "up").symlink_to("..")
    (project / "gone").symlink_to("nowhere")
    (project / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    (project / "new\nline\x1b[31m").write_text("x")
    deep = project.joinpath(*["d"] * 60)
    deep.mkdir(parents=True)
    (deep / "leaf").write_text("x")
    before = state(project)
    for words in (["context"], ["optimize", "--builder", "none", "-q"]):
        for form in ("text", "json", "markdown"):
            done = tare(words[0], str(project), *words[1:], "--format", form)
            assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
            assert "\x1b" not in done.stdout
    assert state(project) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_file_that_may_not_be_read(project: Path) -> None:
    open_up(project)
    (project / "Dockerfile").chmod(0o600)
    refused(
        as_nobody("optimize", str(project), "--builder", "none"),
        2,
        "Dockerfile: cannot be read: Permission denied",
    )
    (project / "Dockerfile").chmod(0o644)
    (project / "secret.key").write_text("x")
    (project / "secret.key").chmod(0)
    done = as_nobody("context", str(project))
    assert done.returncode == 0 and "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_writing_into_a_directory_that_takes_no_files(project: Path) -> None:
    open_up(project)
    before = state(project)
    done = as_nobody("optimize", str(project), "--write", "--unsafe-fixes", "--builder", "none")
    refused(done, 2, "cannot be written", "--output")
    assert state(project) == before


def open_up(project: Path) -> None:
    for folder in (project, *project.parents):
        if folder != Path("/") and folder != Path("/tmp"):
            folder.chmod(0o755)


def as_nobody(*words: str) -> subprocess.CompletedProcess[str]:
    become = ("setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups")
    return tare(*words, before=become, env={"HOME": "/nonexistent", "TMPDIR": "/tmp"})


def test_writing_keeps_modes_and_links(project: Path) -> None:
    (project / "docker").mkdir()
    (project / "Dockerfile").rename(project / "docker" / "Dockerfile")
    (project / "Dockerfile").symlink_to("docker/Dockerfile")
    (project / "docker" / "Dockerfile").chmod(0o600)
    (project / ".dockerignore").write_text("x\n")
    (project / ".dockerignore").chmod(0o664)
    done = tare("optimize", str(project), "--write", "--unsafe-fixes", "--builder", "none")
    assert done.returncode == 0 and "Wrote Dockerfile and .dockerignore" in done.stdout, done.stderr
    assert (project / "Dockerfile").is_symlink()
    assert (project / "docker" / "Dockerfile").stat().st_mode & 0o777 == 0o600
    assert "AS builder" in (project / "docker" / "Dockerfile").read_text()
    assert (project / ".dockerignore").stat().st_mode & 0o777 == 0o664


def test_a_link_out_of_the_project_is_not_written_through(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "Dockerfile"
    (project / "Dockerfile").rename(outside)
    (project / "Dockerfile").symlink_to(outside)
    before = state(tmp_path)
    done = tare("optimize", str(project), "--write", "--unsafe-fixes", "--builder", "none")
    refused(done, 2, "outside of the project", "--file")
    assert state(tmp_path) == before


@pytest.mark.parametrize("output", ["file", "file/below"])
def test_an_output_that_is_no_directory(project: Path, tmp_path: Path, output: str) -> None:
    (tmp_path / "file").write_text("x")
    refused(
        tare("optimize", str(project), "--builder", "none", "--output", str(tmp_path / output)),
        2,
        "no directory",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("optimise",), "Did you mean 'optimize'?"),
        (("optimize", "--wirte"), "No such option '--wirte'"),
        (("optimize", "--format", "yaml"), "'yaml' is not one of"),
        (("optimize", "--secret", "id=x,src=/nonexistent"), "--secret x: /nonexistent"),
        (("optimize", "--secret", "id=unset_here"), "the variable unset_here is not set"),
        (("optimize", "--mbps", "0"), "--mbps: costs.pull_mbps"),
        (("optimize", "--builder", "kaniko"), "there is no engine kaniko"),
        (("optimize", "--without", "multistage"), "did you mean multi-stage?"),
    ],
)
def test_wrong_usage(project: Path, words: tuple[str, ...], said: str) -> None:
    done = tare(words[0], str(project), *words[1:])
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr and not done.stdout
