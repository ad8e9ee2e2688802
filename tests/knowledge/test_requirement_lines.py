from pathlib import Path

import pytest

from tare.core.errors import ProjectError
from tare.knowledge.index_settings import IndexSettings
from tare.knowledge.requirement_lines import flatten


def test_files_become_one_list_with_places_and_options(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "requirements.txt").write_text(
        "\ufeff# comment\n-r more/base.txt\nclick==8.1.7 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "--extra-index-url https://two.example/simple\n-f wheels\npandas[excel]>=2 ; python_version > '3.8'  # why\n"
        "-e .\ngit+https://g.example/x#egg=x\nthing @ git+ssh://g.example/y\n./local\n"
        "direct @ https://f.example/direct-1-py3-none-any.whl\n"
    )
    (tmp_path / "more/base.txt").write_text("-c ../constraints.txt\nnumpy\n-r ../requirements.txt\n")
    (tmp_path / "constraints.txt").write_text("numpy<2\n")
    flat = flatten([tmp_path / "requirements.txt"], ["uvicorn"], settings=IndexSettings())
    assert [entry.text for entry in flat.requirements] == [
        "numpy",
        "click==8.1.7",
        "pandas[excel]>=2 ; python_version > '3.8'",
        "direct @ https://f.example/direct-1-py3-none-any.whl",
        "uvicorn",
    ]
    assert flat.requirements[1].where == f"{tmp_path}/requirements.txt:3"
    assert [entry.text for entry in flat.constraints] == ["numpy<2"]
    assert [entry.text for entry in flat.skipped] == [
        "-e .",
        "git+https://g.example/x#egg=x",
        "thing @ git+ssh://g.example/y",
        "./local",
    ]
    assert flat.settings.extra_index_urls == ("https://two.example/simple",)
    assert flat.settings.find_links == (str(tmp_path / "wheels"),)


@pytest.mark.parametrize(
    "option", ["-ihttps://a.example/s", "-i https://a.example/s", "--index-url=https://a.example/s"]
)
def test_every_spelling_of_the_index(option: str) -> None:
    assert flatten(lines=[option], settings=IndexSettings()).settings.index_url == "https://a.example/s"


def test_a_missing_file_is_named_with_who_asked(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("click\n-r gone.txt\n")
    with pytest.raises(ProjectError) as caught:
        flatten([tmp_path / "a.txt"], settings=IndexSettings())
    assert "gone.txt" in caught.value.message
    assert caught.value.where == f"{tmp_path}/a.txt:2"


def test_a_file_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("click\n".encode("utf-16"))
    with pytest.raises(ProjectError):
        flatten([tmp_path / "a.txt"], settings=IndexSettings())
