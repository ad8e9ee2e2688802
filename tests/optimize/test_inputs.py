"""What a build cannot do without is asked for before anything is built."""

from pathlib import Path

import pytest

from tare.core.errors import UsageError
from tare.optimize import read_workplace
from tare.optimize.inputs import check_inputs
from tare.rewrite.facts import RewriteSettings


def check(
    root: Path, text: str, build_args: dict[str, str] | None = None, secrets: dict[str, str] | None = None
) -> None:
    (root / "Dockerfile").write_text(text)
    (root / "requirements.txt").write_text("flask\n")
    place = read_workplace(root, None, RewriteSettings())
    check_inputs(place.dockerfile, place.context, place.dockerfile_path, build_args or {}, secrets or {})


def test_an_argument_in_from_without_a_value(tmp_path: Path) -> None:
    text = "ARG TAG\nFROM python:${TAG}-slim\n"
    with pytest.raises(UsageError) as error:
        check(tmp_path, text)
    assert error.value.where == f"{tmp_path}/Dockerfile:2"
    assert "TAG" in error.value.message
    assert "--build-arg TAG=" in (error.value.hint or "")
    check(tmp_path, text, {"TAG": "3.11"})
    check(tmp_path, text.replace("ARG TAG", "ARG TAG=3.11"))


def test_a_stage_that_the_final_one_does_not_need_may_lack_its_own(tmp_path: Path) -> None:
    check(tmp_path, "ARG TAG\nFROM x:$TAG AS spare\n\nFROM python:3.11\n")
    with pytest.raises(UsageError):
        check(tmp_path, "ARG TAG\nFROM x:$TAG AS spare\n\nFROM python:3.11\nCOPY --from=spare /a /a\n")


def test_a_file_that_the_ignore_file_hides(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("*.txt\n")
    with pytest.raises(UsageError) as error:
        check(tmp_path, "FROM python:3.11\nCOPY requirements.txt /app/\n")
    assert ".dockerignore keeps it out" in error.value.message
    assert "!requirements.txt" in (error.value.hint or "")
    (tmp_path / ".dockerignore").write_text("*.txt\n!requirements.txt\n")
    check(tmp_path, "FROM python:3.11\nCOPY requirements.txt /app/\n")


def test_a_secret_that_a_step_requires(tmp_path: Path) -> None:
    text = "FROM python:3.11\nRUN --mount=type=secret,id=pip,required=true pip install x\n"
    with pytest.raises(UsageError) as error:
        check(tmp_path, text)
    assert "--secret id=pip" in (error.value.hint or "")
    check(tmp_path, text, secrets={"pip": "x"})
    check(tmp_path, text.replace(",required=true", ""))
