"""The engine itself as the oracle: what `COPY . /` brings, for many ignore files, in one build each of scratch.

Engines before BuildKit 0.10 decide `!` lines for each path on its own, do not look into an excluded directory for
`!**/x`, and leave `+` and `(` unescaped. The ignore files here are those where old and new agree; the rest is held
against the recorded answers of the matcher itself (test_moby_answers).
"""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tare.context.walk import read_context
from tests.context.trees import plant

DOCKER = "/usr/bin/docker"
_NAMES = """
README.md  main.py  main.pyc  a_b.txt  #x  !y  x*y  [z]  é.txt  .env  .hidden/f  src/app.py
src/app.pyc  src/__pycache__/app.pyc  src/sub/deep/x.md  src/sub/deep/x.py  src/sub/README.md
data/1.csv  data/22.csv  data/keep/ok.csv  data/keep/no.txt  docs/a.md  docs/b/c.md  foobar/x
foo/bar/x  foo/x  foo.d/x  d/foo/y  tests/test_a.py  node_modules/p/index.js  a+b  c(d)
"""
TREE = (*_NAMES.split(), "a b.txt")
IGNORES = [
    "",
    "*",
    "**",
    ".",
    "/",
    "foo",
    "/foo/",
    "./foo//bar/../bar",
    "../foo",
    "*.md",
    "**/*.md",
    "*/*.md",
    "**/README.md",
    "src/**/*.md",
    "src/**",
    "**/foo",
    "**foo",
    "foo**",
    "foo*",
    "d*/foo",
    "data/?.csv",
    "data/??.csv",
    "[a-d]*",
    "[^a-d]*",
    "**/[[:digit:]].csv",
    "# comment\n#x\n",
    " #x",
    r"\#x",
    r"x\*y",
    r"\[z\]",
    "[[]z]",
    "a b.txt   ",
    "\ufefffoo\r\ndata\r\n",
    "é.txt",
    "data\n!data/keep",
    "data/*\n!data/keep\ndata/keep/no.txt",
    "*\n!src\n!main.py",
    "*\n!src/sub/deep/x.py",
    "**/*.md\n!README.md",
    "**/*.md\n!**/README.md",
    "*\n!  /src  ",
    "?y\n!!y",
    ".*\n!.env",
    "**/__pycache__\n**/*.pyc\n.git\nnode_modules\n.env*",
]


@pytest.mark.engine
@pytest.mark.skipif(not Path(DOCKER).exists(), reason="no docker client")
def test_same_files_as_the_engine(tmp_path: Path) -> None:
    """All ignore files in one build: a Dockerfile of its own for each, and one tree."""
    plant(tmp_path, dict.fromkeys(TREE, 1))
    wrong: dict[str, object] = {}
    outside = tmp_path.parent / f"{tmp_path.name}-files"
    outside.mkdir()
    running = []
    for number, text in enumerate(IGNORES):
        dockerfile = outside / f"D{number}"
        dockerfile.write_text("FROM scratch\nCOPY . /\n")
        dockerfile.with_name(f"D{number}.dockerignore").write_text(text)
        command = [
            DOCKER,
            "build",
            "-q",
            "--output",
            f"type=tar,dest={outside}/{number}.tar",
            "-f",
            str(dockerfile),
            ".",
        ]
        environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
        running.append(
            subprocess.Popen(
                command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
        )
        if len(running) % 8 == 0:
            running[-8].wait()
    for number, (text, process) in enumerate(zip(IGNORES, running, strict=True)):
        _, errors = process.communicate(timeout=60)
        ours = {e.path for e in read_context(tmp_path, outside / f"D{number}").sent}
        if process.returncode:
            wrong[text] = errors[-400:]
            continue
        with tarfile.open(outside / f"{number}.tar") as archive:
            theirs = {member.name.rstrip("/") for member in archive.getmembers()}
        if ours != theirs:
            wrong[text] = (sorted(ours - theirs), sorted(theirs - ours))
    shutil.rmtree(outside)
    assert not wrong
