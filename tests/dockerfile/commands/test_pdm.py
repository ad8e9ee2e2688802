"""PDM and Pipenv command lines."""

import pytest

from tare.dockerfile import parse
from tare.dockerfile.commands import PackageCommand, PdmCommand, PipenvCommand, recognise
from tare.dockerfile.shell import parse_run


def typed(text: str) -> PackageCommand | None:
    (instruction,) = parse(f"FROM x\nRUN {text}\n").final.instructions[1:]
    script = parse_run(instruction)
    assert script is not None
    return recognise(script.commands[0])


@pytest.mark.parametrize(
    ("text", "installs", "without"),
    [
        ("pdm install", True, False),
        ("pdm sync --prod --no-editable", True, True),
        ("pdm install -G server --no-default", True, True),
        ("python -m pdm install --no-dev", True, True),
        ("pdm export -o requirements.txt", False, False),
        ("pdm lock", False, False),
    ],
)
def test_pdm(text: str, installs: bool, without: bool) -> None:
    command = typed(text)
    assert isinstance(command, PdmCommand)
    assert command.understood
    assert (command.installs, command.without_development) == (installs, without)


def test_pdm_run_keeps_the_words_of_the_command() -> None:
    command = typed("pdm run --venv prod gunicorn -b :80 --workers 2")
    assert isinstance(command, PdmCommand)
    assert [word.text for word in command.operands] == ["gunicorn", "-b", ":80", "--workers", "2"]
    assert [option.name for option in command.options] == ["--venv"]


@pytest.mark.parametrize(
    ("text", "installs", "system"),
    [
        ("pipenv install --system --deploy", True, True),
        ("pipenv sync", True, False),
        ("pipenv --python 3.11 install --dev", True, False),
        ("pipenv lock", False, False),
    ],
)
def test_pipenv(text: str, installs: bool, system: bool) -> None:
    command = typed(text)
    assert isinstance(command, PipenvCommand)
    assert command.understood
    assert (command.installs, command.system) == (installs, system)


def test_pipenv_run_keeps_the_words_of_the_command() -> None:
    command = typed("pipenv run flask --debug run")
    assert isinstance(command, PipenvCommand)
    assert [word.text for word in command.operands] == ["flask", "--debug", "run"]
