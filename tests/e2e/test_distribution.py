"""The wheel and the sdist: built, and the wheel used in an environment that has nothing but what it declares."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.fleet import app_layers, base_layer
from tests.support.random_image import write_docker_archive

ROOT = Path(__file__).parents[2]


@pytest.mark.network
def test_the_wheel_works_with_what_it_declares_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "--disable-pip-version-check",
            "-w",
            str(tmp_path),
            str(ROOT),
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("tare_image-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = ROOT / "src" / "tare"
    wanted = {
        f"tare/{one.relative_to(package)}"
        for one in package.rglob("*")
        if one.is_file() and "__pycache__" not in str(one)
    }
    assert wanted <= names, sorted(wanted - names)[:5]
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    venv.create(source, with_pip=True)
    python = source / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", str(wheel)], check=True
    )
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def tare(*words: str) -> "subprocess.CompletedProcess[str]":
        program = source / "bin" / "tare"
        return subprocess.run([program, *words], capture_output=True, text=True, env=clean, cwd=tmp_path)

    assert tare("--version").stdout.startswith("tare, version ")
    every = "import click.testing as t; from tare.cli.main import VERBS, tare\n"
    every += "for verb in VERBS:\n done = t.CliRunner().invoke(tare, [verb, '--help'])\n"
    every += " assert done.exit_code == 0, (verb, done.exception)"
    helped = subprocess.run([python, "-c", every], capture_output=True, text=True, env=clean)
    assert helped.returncode == 0, helped.stderr
    write_docker_archive(tmp_path / "a.tar", [base_layer(), *app_layers(0)])
    assert tare("inspect", "a.tar", "--quiet").returncode == 0
    assert tare("fleet", "a.tar", "--quiet", "-j2", "--html", "f.html").returncode == 0
    refused = tare("fleet", "a.tar", "--scheduler", "tcp://127.0.0.1:1")
    assert refused.returncode == 2 and "pip install 'tare-image[fleet]'" in refused.stderr
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.20\n")
    assert tare("lint", "Dockerfile").returncode in (0, 1)
    done = subprocess.run(
        [
            python,
            "-c",
            "import tare, importlib.resources as r; print(r.files('tare').joinpath('py.typed').is_file())",
        ],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "True"


@pytest.mark.network
def test_the_sdist_builds_the_same_wheel(tmp_path: Path) -> None:
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from hatchling.build import build_sdist; print(build_sdist(sys.argv[1]))",
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    archive = tmp_path / made.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"pyproject.toml", "README.md", "src/tare/cli/main.py", "src/tare/forge/assets/gate.sh"} <= names
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "--disable-pip-version-check",
            "-w",
            str(tmp_path / "w"),
            str(archive),
        ],
        check=True,
    )
    assert list((tmp_path / "w").glob("tare_image-*.whl"))
