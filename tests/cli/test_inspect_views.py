import importlib.util
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tare.cli import views
from tare.cli.main import tare
from tare.core.errors import TareError, UsageError
from tests.support.random_image import Operation, layer_tar, write_docker_archive


@pytest.fixture
def image(tmp_path: Path) -> str:
    layers = [[Operation("file", "srv/a", b"a" * 5000)], [Operation("file", "srv/a", b"b" * 5000)]]
    archive = write_docker_archive(tmp_path / "image.tar", [layer_tar(layer) for layer in layers])
    return f"docker-archive:{archive}"


def test_html_goes_to_the_file_and_the_report_to_stdout(image: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = CliRunner().invoke(tare, ["inspect", image, "--html", str(page), "--format", "json", "-q"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["files"] == [] and "written:" in done.stderr
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>") and "srv/a" in page.read_text("utf-8")


def test_a_page_that_cannot_be_written_is_one_error(image: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(tare, ["inspect", image, "--html", str(tmp_path / "no" / "page.html"), "-q"])
    assert isinstance(done.exception, TareError) and "cannot be written" in str(done.exception)
    assert list(tmp_path.iterdir()) == [tmp_path / "image.tar"]


def test_the_terminal_view_says_what_it_lacks(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(tare, ["inspect", image, "--tui"])
    assert isinstance(done.exception, UsageError) and "needs a terminal" in str(done.exception)
    with pytest.raises(UsageError, match="takes keys from stdin"):
        views.terminal_view("-")
    found = importlib.util.find_spec
    monkeypatch.setattr(views, "find_spec", lambda name: None if name == "textual" else found(name))
    with pytest.raises(UsageError) as error:
        views.terminal_view(image)
    assert error.value.hint == "pip install 'tare-image[tui]'"
