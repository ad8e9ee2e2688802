"""uv command lines; the option tables against `uv help`."""

import re
import subprocess

import pytest
from uv import find_uv_bin

from tare.dockerfile.commands import UvCommand
from tare.dockerfile.commands.uv import _GLOBAL, _RUN, _TABLES
from tests.dockerfile.commands.support import arity, read, texts

HELP = re.compile(r"^ +(?:(-\w), )?(--[a-z][\w-]*)(?P<value> <[A-Z_]+>)?(\.\.\.)?$", re.MULTILINE)


@pytest.mark.parametrize(
    "action", ["pip install", "pip sync", "pip compile", "sync", "venv", "export", "lock", "add", "run"]
)
def test_the_tables_agree_with_uv(action: str) -> None:
    done = subprocess.run(
        [find_uv_bin(), "help", *action.split()], capture_output=True, text=True, check=True, timeout=60
    )
    table = _RUN if action == "run" else _TABLES.get(action, _GLOBAL)
    found = list(HELP.finditer(done.stdout))
    assert len(found) > 10
    for match in found:
        expected = "value" if match["value"] else "flag"
        assert arity(table, match[2]) == expected, match[0]
        if match[1]:
            assert arity(table, match[1]) == expected, match[0]


def test_pip_install() -> None:
    command = read(
        "uv pip install --system --no-cache -r requirements.txt --index-strategy unsafe-best-match torch",
        UvCommand,
    )
    assert command.action == "pip install" and command.system and command.no_cache and command.understood
    assert texts(command.requirements) == ["torch"] and texts(command.requirement_files) == [
        "requirements.txt"
    ]
    assert texts(read("uv pip sync requirements.txt", UvCommand).requirement_files) == ["requirements.txt"]


def test_projects() -> None:
    command = read("uv --no-cache sync --frozen --no-dev --no-install-project --extra gpu -p 3.11", UvCommand)
    assert command.action == "sync" and command.no_cache and command.understood
    assert command.has("--frozen") and texts(command.values("--extra")) == ["gpu"]
    assert texts(read("uv venv /opt/venv --python 3.11 --seed", UvCommand).operands) == ["/opt/venv"]
    assert read("uv export --frozen --no-hashes -o requirements.txt", UvCommand).understood
    assert read("python3 -m uv pip install x", UvCommand).action == "pip install"


def test_run_leaves_the_command_alone() -> None:
    command = read("uv run --no-sync --with httpx python -m app --frozen", UvCommand)
    assert texts(command.operands) == ["python", "-m", "app", "--frozen"]
    assert [option.name for option in command.options] == ["--no-sync", "--with"]
