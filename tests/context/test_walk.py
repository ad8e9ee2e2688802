import os
import socket
import subprocess
from pathlib import Path

import pytest

from tare.context.walk import ignore_file, read_context, shown
from tare.core.errors import ContextError
from tests.context.trees import look, plant


def test_sizes_kinds_and_ignored(tmp_path: Path) -> None:
    context = look(
        tmp_path, {"a/b": 10, "a/c": "xyz", "d/e": 5, ".dockerignore": "d\na/b\n", "Dockerfile": "FROM x"}
    )
    rows = {entry.path: (entry.kind, entry.size_bytes, entry.ignored) for entry in context.entries}
    assert rows["a"] == ("directory", 0, False)
    assert rows["a/b"] == ("file", 10, True)
    assert rows["a/c"] == ("file", 3, False)
    assert rows["d"] == ("directory", 0, True)
    assert rows["d/e"] == ("file", 5, True)
    assert context.size_bytes == 3 + len("d\na/b\n") + len("FROM x")
    assert context.dockerfile == "Dockerfile"
    assert context.files == {"a/c", ".dockerignore", "Dockerfile"}


def test_an_excluded_directory_is_sent_when_an_exception_lies_in_it(tmp_path: Path) -> None:
    context = look(tmp_path, {"a/b/c": 1, "a/x": 1, ".dockerignore": "*\n!a/b/c\n"})
    assert [entry.path for entry in context.sent] == ["a", "a/b", "a/b/c"]


def test_the_file_named_after_the_dockerfile_comes_first(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            ".dockerignore": "a",
            "docker/app.Dockerfile": "",
            "docker/app.Dockerfile.dockerignore": "b",
            "a": 1,
            "b": 1,
        },
    )
    assert ignore_file(tmp_path, tmp_path / "Dockerfile") == tmp_path / ".dockerignore"
    context = read_context(tmp_path, Path("docker/app.Dockerfile"))
    assert context.holds("a") and not context.holds("b")
    assert context.ignore_path == tmp_path / "docker/app.Dockerfile.dockerignore"
    assert context.dockerfile == "docker/app.Dockerfile"


def test_odd_files_become_problems(tmp_path: Path) -> None:
    plant(tmp_path, {"plain": 1})
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "self").symlink_to(".")
    (tmp_path / "gone").symlink_to("/nowhere")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff")).write_text("x")
    server = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        server.bind("sock")
    finally:
        os.chdir(here)
        server.close()
    context = read_context(tmp_path, Path("Dockerfile"))
    kinds = {shown(entry.path): entry.kind for entry in context.entries}
    assert kinds == {
        "bad\\xff": "file", "gone": "symlink", "loop": "symlink", "pipe": "fifo", "plain": "file", "self": "symlink",
        "sock": "socket",
    }  # fmt: skip
    assert sorted(problem.path for problem in context.problems) == ["bad\\xff", "pipe", "sock"]
    assert context.by_path["gone"].target == "/nowhere"
    plant(tmp_path, {".dockerignore": "pipe\nsock\nbad?\n"})
    assert not read_context(tmp_path, Path("Dockerfile")).problems


def test_very_deep_directories(tmp_path: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(tmp_path)
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.fchdir(here)
        os.close(here)
    entries = read_context(tmp_path, Path("Dockerfile")).entries
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # Python's own removal recurses
    assert len(entries) == 1200


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_directory_is_a_problem_unless_ignored(tmp_path: Path) -> None:
    plant(tmp_path, {"shut/x": 1})
    (tmp_path / "shut").chmod(0)
    assert [p.path for p in read_context(tmp_path, Path("Dockerfile")).problems] == ["shut"]
    plant(tmp_path, {".dockerignore": "shut"})
    assert not read_context(tmp_path, Path("Dockerfile")).problems
    (tmp_path / "shut").chmod(0o755)


def test_errors_name_the_place(tmp_path: Path) -> None:
    with pytest.raises(ContextError):
        read_context(tmp_path / "missing", Path("Dockerfile"))
    plant(tmp_path, {".dockerignore": "a\n[\n"})
    with pytest.raises(ContextError) as caught:
        read_context(tmp_path, Path("Dockerfile"))
    assert caught.value.where == ".dockerignore:2"


def test_shown_escapes_what_a_terminal_would_obey() -> None:
    assert shown("a\x1b[31m\n\udcff é") == "a\\x1b[31m\\n\\xff é"
