import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tare.cli.main import tare
from tests.support.fleet import app_layers, base_layer
from tests.support.random_image import write_docker_archive


def test_a_directory_of_archives_in_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("images").mkdir()
    for number in range(3):
        write_docker_archive(tmp_path / "images" / f"{number}.tar", [base_layer(), *app_layers(number)])
    words = ["fleet", "images", "-q", "-j1", "--html", "page.html", "--csv", "tables", "--format", "json"]
    done = CliRunner().invoke(tare, words, catch_exceptions=False)
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert report["complete"] is True and report["totals"]["layers"] == 7
    assert Path("page.html").read_text().startswith("<!DOCTYPE html>")
    assert {one.name for one in Path("tables").iterdir()} >= {"images.csv", "bases.csv", "missing.csv"}


def test_what_is_missing_gives_exit_code_2_and_the_report(tmp_path: Path) -> None:
    write_docker_archive(tmp_path / "good.tar", [base_layer()])
    (tmp_path / "bad.tar").write_bytes(b"no tar")
    words = ["fleet", str(tmp_path), "-q", "-j1", "--store", str(tmp_path / "store")]
    done = CliRunner().invoke(tare, words, catch_exceptions=False)
    assert done.exit_code == 2
    assert done.stdout.startswith("NOT COMPLETE: 1 missing") and "1 images under 2 names" in done.stdout
    assert "not complete: 1 missing" in done.stderr


def test_a_mistyped_source_leaves_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(tare, ["fleet", "./nothing-here", "-q"], catch_exceptions=True)
    assert done.exit_code != 0 and list(tmp_path.iterdir()) == []
    (tmp_path / "tare-fleet").mkdir()
    (tmp_path / "tare-fleet/mine").touch()
    CliRunner().invoke(tare, ["fleet", "./nothing-here", "-q"], catch_exceptions=True)
    assert (tmp_path / "tare-fleet/mine").exists()
