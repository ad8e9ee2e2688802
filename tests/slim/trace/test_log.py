"""strace's log, as strace 6 writes it, and strace itself where it is installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare.slim.trace.log import read_log

LOG = r"""
1     execve("/usr/bin/python", ["python", "-c", "open(\"/not/a/path\")"], 0x7ffd /* 6 vars */) = 0
1     access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)
1     openat(AT_FDCWD</srv>, "data.txt", O_RDONLY|O_CLOEXEC) = 3</srv/data.txt>
12    openat(3</opt/lib>, "../b\303\274.so", O_RDONLY <unfinished ...>
1     newfstatat(AT_FDCWD</srv>, "./sub", {st_mode=S_IFDIR|0755, st_size=4096, ...}, 0) = 0
12    <... openat resumed>) = 4</opt/b\303\274.so>
12    getdents64(5</var/lib/things>, 0x55 /* 3 entries */, 32768) = 80
1     readlink("/proc/self/exe", "/usr/bin/python3.11", 4096) = 19
1     rename("/tmp/a", "/tmp/b") = 0
12    stat("late", 0x7ffd) = -1 ENOENT (No such file or directory)
1     openat(AT_FDCWD</srv>, "/x\"y", O_RDONLY) = 3</x"y (deleted)>
12    +++ exited with 0 +++
1     --- SIGCHLD {si_signo=SIGCHLD} ---
garbage
"""


def test_paths_of_every_call() -> None:
    seen = read_log(LOG.splitlines(), "/srv")
    assert seen.paths == {
        "usr/bin/python", "etc/ld.so.preload", "srv/data.txt", "opt/bü.so", "opt/lib", "opt/lib/../bü.so", "srv/sub",
        "var/lib/things", "proc/self/exe", "tmp/a", "tmp/b", "srv/late", 'x"y',
    }  # fmt: skip
    assert seen.executed == {"usr/bin/python"} and "srv/data.txt" in seen.opened
    assert seen.processes == {"1", "12"} and seen.calls["read as directories"] == 1


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for path in read_log(text.splitlines(), "/").paths:
        assert not path.startswith("/")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_what_strace_really_writes(tmp_path: Path) -> None:
    folder = tmp_path / "a dir\n\\ü"
    folder.mkdir()
    (folder / "one.py").write_text("x = 1\n")
    (folder / "two.txt").write_text("2")
    code = "import os, one, subprocess, sys; os.listdir('.'); open('two.txt'); os.path.exists('gone')"
    code += "; subprocess.run([sys.executable, '-c', ''])"
    log = tmp_path / "log"
    words = [
        "strace",
        "-f",
        "-qq",
        "-y",
        "-s",
        "4096",
        "-e",
        "trace=%file,fchdir,getdents64",
        "-o",
        str(log),
        "--",
    ]
    done = subprocess.run(
        [*words, sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": "."}
    )  # fmt: skip
    if "ptrace" in done.stderr.lower():
        pytest.skip("ptrace is not allowed here")
    assert done.returncode == 0, done.stderr
    with log.open(errors="surrogateescape") as lines:
        seen = read_log(lines, str(folder))
    inside = {path.rpartition("/")[2] for path in seen.paths if "a dir" in path}
    assert {"one.py", "two.txt", "gone"} <= inside
    assert str(folder / "two.txt").strip("/") in seen.opened and len(seen.processes) >= 2
