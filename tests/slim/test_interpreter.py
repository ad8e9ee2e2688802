"""What the image's interpreter is asked for, with this machine's Python in its place."""

import importlib.util
import marshal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tare.build.engine import Engine
from tare.build.process import Answer
from tare.core.errors import UsageError
from tare.image import analyse, open_image
from tare.image.contents import Contents
from tare.slim.interpreter import compiled, import_cpu_s, start_imports, without_bytecode
from tare.slim.pipeline import SlimOptions, slim_image
from tare.slim.steps.bytecode import Bytecode
from tests.slim.images import BASE, SITE, archive, planned, removed


class Here:
    def run(self, image: str, command: Sequence[str], *, stdin: str = "", **settings: Any) -> Answer:
        words = [sys.executable, *command[1:]]
        done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
        return Answer(done.returncode, done.stdout, done.stderr)


ENGINE = cast(Engine, Here())


def test_what_the_start_imports_is_timed(tmp_path: Path) -> None:
    with planned(tmp_path, {}, []) as plan:
        assert start_imports(plan.files) == ("lib",)
    first = import_cpu_s(ENGINE, "image", ("json", "nothing_such"), None)
    assert first is not None and 0 <= first < 30
    assert import_cpu_s(ENGINE, "image", (), None) is None


def test_missing_bytecode_is_what_the_interpreter_would_write(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text("x = 1\n")
    bad.write_text("x = = 1\n")
    found = compiled(ENGINE, "image", [str(good).strip("/"), str(bad).strip("/")])
    cached = importlib.util.cache_from_source(str(good))
    assert list(found) == [cached.strip("/")]
    subprocess.run([sys.executable, "-c", "import good"], cwd=tmp_path, check=True, env={"PYTHONPATH": "."})
    assert Path(cached).read_bytes()[:16] == found[cached.strip("/")][:16]
    assert marshal.loads(found[cached.strip("/")][16:]).co_names == ("x",)


def test_policies(tmp_path: Path) -> None:
    pyc = f"{SITE}/lib/__pycache__/{{}}.cpython-311.pyc"
    files = {pyc.format("lazy"): b"1", pyc.format("core"): b"2"}
    expected = {"keep": set(), "compile": set(), "drop": set(files), "keep-imported": set()}
    for policy, gone in expected.items():
        folder = tmp_path / policy
        folder.mkdir()
        made = {pyc.format("__init__"): b"new", pyc.format("core"): b"other", "etc/none.pyc": b""}
        with planned(folder, files, [Bytecode(policy, compiled=made)]) as plan:  # type: ignore[arg-type]
            assert removed(plan) == gone, policy
            assert set(plan.view.added) == ({pyc.format("__init__")} if policy == "compile" else set())
            assert f"{SITE}/lib/__init__.py" in without_bytecode(plan.files)
            assert f"{SITE}/lib/core.py" not in without_bytecode(plan.files)


def test_compiling_needs_an_engine(tmp_path: Path) -> None:
    path = archive(tmp_path, [BASE])
    with open_image(f"docker-archive:{path}") as image:
        analysis = analyse(image, sample=False)
        with Contents(analysis) as contents, pytest.raises(UsageError, match="own interpreter"):
            slim_image(analysis, contents, SlimOptions(bytecode="compile"), None, "no engine")
