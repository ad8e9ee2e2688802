"""A history that Git wrote, read back, and what the model makes of it."""

import os
import subprocess
from pathlib import Path

import pytest

from tare.build.cachehistory import Commit, parse_log, replay, source_changes, weeks_of
from tare.build.git import git, lay_out, read_log
from tare.core.errors import UsageError
from tare.dockerfile import parse
from tare.optimize import read_workplace
from tare.optimize.rebuildplan import choose
from tare.rewrite.facts import RewriteSettings

NAIVE = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
STAGES = (
    "FROM python:3.11 AS builder\nCOPY requirements.txt /r.txt\nRUN pip install -r /r.txt\n"
    "FROM python:3.11-slim\nCOPY --from=builder /usr/local /usr/local\nCOPY app /app\n"
)


def commit(root: Path, day: int, **files: str | None) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_txt", ".txt").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
    moment = f"2026-11-{day:02}T12:00:00Z"
    environ = {
        **os.environ,
        "GIT_AUTHOR_DATE": moment,
        "GIT_COMMITTER_DATE": moment,
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    subprocess.run(["git", "-C", str(root), "add", "-A"], check=True, env=environ)
    words = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "x",
    ]
    subprocess.run(["git", "-C", str(root), *words], check=True, env=environ)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three changes of the source, one of the requirements, one of an ignored file, one file that comes and goes."""
    root = tmp_path / "repository" / "service"
    root.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(root.parent)], check=True)
    (root / "Dockerfile").write_text(NAIVE)
    (root / ".dockerignore").write_text("Dockerfile\n.dockerignore\nnotes.txt\n")
    commit(root, 1, requirements_txt="click\n", app__main_py="import click\n", notes_txt="n")
    commit(root, 2, app__main_py="import click\n# 2\n")
    commit(root, 5, notes_txt="other")
    commit(root, 8, app__new_py="x = 1\n")
    commit(root, 9, app__new_py=None)
    commit(root, 12, requirements_txt="click\nbottle\n")
    (root.parent / "elsewhere.txt").write_text("not of the service")
    commit(root.parent, 15)
    return root


def sent(root: Path) -> list[Commit]:
    place = read_workplace(root, None, RewriteSettings())
    return [one.sent(place.context.rules) for one in read_log(root, 520)]


def test_reads_what_git_wrote(project: Path) -> None:
    log = read_log(project, 520)
    assert len(log) == 6  # the one beside the directory is none of its
    assert log[1].paths == {"app/main.py"}
    assert log[3].before == {} and set(log[3].after) == {"app/new.py"}
    assert log[4].after == {} and set(log[4].before) == {"app/new.py"}
    assert weeks_of(log) == pytest.approx(11 / 7)
    assert [bool(one.paths) for one in sent(project)] == [True, True, False, True, True, True]


def test_counts_by_source_and_step(project: Path) -> None:
    found = replay(parse(NAIVE), sent(project), "buildkit")
    counts = {step.instruction.keyword: step.again for step in found.steps if step.layer}
    assert counts == {"WORKDIR": 0, "COPY": 5, "RUN": 5}
    assert [one.commits for one in source_changes(parse(STAGES), sent(project), "buildkit")] == [2, 4]


def test_early_cutoff_stays_open(project: Path) -> None:
    steps = replay(parse(STAGES), sent(project), "buildkit").steps
    copied = [(step.again, step.depends) for step in steps if step.layer]
    assert copied == [(2, 0), (2, 0), (0, 2), (4, 1)]


def test_choice_saves_and_says_how(project: Path) -> None:
    place = read_workplace(project, None, RewriteSettings())
    choice = choose(place, sent(project), "buildkit", {}, {})
    assert choice is not None and choice.rewrite.applied == ("dependencies-first",)
    installs = next(step for step in choice.replayed.steps if step.instruction.keyword == "RUN")
    assert installs.again == 2
    (project / "Dockerfile").write_text(choice.rewrite.text)
    again = read_workplace(project, None, RewriteSettings())
    assert choose(again, sent(project), "buildkit", {}, {}) is None


def test_seconds_decide_when_they_are_known(project: Path) -> None:
    place = read_workplace(project, None, RewriteSettings())
    free = {"COPY . .": 1.0, "RUN pip install -r requirements.txt": 0.0, "WORKDIR /app": 0.0}
    assert choose(place, sent(project), "buildkit", {}, free) is None


def test_lays_out_a_revision_and_leaves_the_repository_alone(project: Path, tmp_path: Path) -> None:
    log = read_log(project, 520)
    status = git(project, "status", "--porcelain")
    lay_out(project, log[3].identity, tmp_path / "tree")
    assert (tmp_path / "tree/app/new.py").read_text() == "x = 1\n"
    lay_out(project, log[4].identity, tmp_path / "tree")
    assert not (tmp_path / "tree/app/new.py").exists()
    assert git(project, "status", "--porcelain") == status


def test_says_what_is_missing(project: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_log(tmp_path, 520)
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{project.parent}", str(shallow)], check=True
    )
    with pytest.raises(UsageError, match="part of the history"):
        read_log(shallow / "service", 520)


def test_odd_names_and_modes() -> None:
    raw = "\x01abc 100\0\n:000000 100755 0 1 A\0a b\nc.py\0:120000 000000 2 0 D\0link\0:160000 160000 3 4 M\0sub\0"
    (found,) = parse_log(raw)
    assert found.after["a b\nc.py"].mode == 0o755
    assert found.before["link"].kind == "symlink" and found.paths == {"a b\nc.py", "link"}
    assert parse_log("") == () and weeks_of(()) == 1.0
