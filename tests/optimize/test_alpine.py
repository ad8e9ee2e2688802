"""Why not Alpine is answered by what the index has."""

from pathlib import Path

import pytest

from tare.dockerfile import parse
from tare.optimize.alpine import without_musl_wheels
from tare.optimize.project import read_workplace
from tare.rewrite.engine import rewrite
from tare.rewrite.facts import Facts, RewriteSettings
from tare.rewrite.transforms import slim_base
from tests.support.package_index import make_sdist, make_wheel, serve_index

TEXT = "FROM python:3.11\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"


def asked(root: Path, requirements: str, url: str, text: str = TEXT) -> tuple[str, ...] | None:
    (root / "Dockerfile").write_text(text)
    (root / "requirements.txt").write_text(requirements)
    place = read_workplace(root, None, RewriteSettings())
    return without_musl_wheels(place, {"PIP_INDEX_URL": url, "PIP_CONFIG_FILE": "/dev/null"})


def test_names_what_would_be_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tare.optimize.alpine._pip_configuration", lambda: "")
    files = dict(
        [
            make_wheel("native", "1.0", "cp311-cp311-manylinux2014_x86_64"),
            make_sdist("native", "1.0"),
            make_wheel("plain", "3.0"),
        ]
    )
    with serve_index(files) as server:
        assert asked(tmp_path, "native==1.0\nplain==3.0\n", server.simple) == ("native",)
        assert asked(tmp_path, "plain==3.0\n", server.simple) == ()
        assert asked(tmp_path, "plain\n", server.simple) is None
        assert asked(tmp_path, "plain==3.0\n", server.simple, TEXT.replace("3.11", "3.11-slim")) is None
    assert asked(tmp_path, "plain==3.0\n", "http://127.0.0.1:9/simple") is None


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        (None, "was not asked"),
        ((), "on another C library"),
        (("torch", "catboost"), "no wheel of torch, catboost"),
    ],
)
def test_reason_of_the_slim_base(lacking: tuple[str, ...] | None, words: str) -> None:
    text = 'FROM python:3.11-bookworm\nCMD ["python"]\n'
    (step,) = rewrite(text, Facts(without_musl_wheels=lacking), [slim_base.TRANSFORM]).steps
    assert parse(text) and words in step.reason
