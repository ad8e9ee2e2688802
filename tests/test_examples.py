"""The library's examples, run as people run them."""

import subprocess
import sys
from pathlib import Path

from tests.support.fleet import app_layers, base_layer
from tests.support.random_image import write_docker_archive

FOLDER = Path(__file__).parents[1] / "examples" / "library"


def run(name: str, *words: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(FOLDER / name), *map(str, words)], capture_output=True, text=True, timeout=120
    )


def test_the_largest_packages(tmp_path: Path) -> None:
    image = write_docker_archive(tmp_path / "a.tar", [base_layer(), *app_layers(0)])
    done = run("largest.py", image)
    assert done.returncode == 0, done.stderr
    assert "dpkg vim 1.0" in done.stdout and "110,245 bytes, 90,000 can go" in done.stdout
    missing = run("largest.py", tmp_path / "none.tar")
    assert missing.returncode == 2 and "Traceback" not in missing.stderr


def test_a_tree_of_dockerfiles(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("from alpine:3.20\nMAINTAINER me\n")
    done = run("lint_tree.py", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "+FROM alpine:3.20" in done.stdout or "+LABEL" in done.stdout


def test_a_fleet_and_what_is_missing_of_it(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    write_docker_archive(images / "base.tar", [base_layer()])
    write_docker_archive(images / "app.tar", [base_layer(), *app_layers(0)])
    done = run("base_report.py", tmp_path / "store", images)
    assert done.returncode == 0, done.stderr
    assert f"{images}/base.tar: 1 images, 80,000 bytes can go" in done.stdout
    (images / "broken.tar").write_bytes(b"no tar")
    again = run("base_report.py", tmp_path / "store", images)
    assert again.returncode == 2 and "missing:" in again.stderr and "1 images" in again.stdout


def test_every_example_is_run() -> None:
    assert {one.name for one in FOLDER.glob("*.py")} == {"largest.py", "lint_tree.py", "base_report.py"}
