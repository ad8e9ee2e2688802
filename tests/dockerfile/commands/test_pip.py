"""pip command lines; the option table against pip's own parsers."""

import json
import subprocess
import sys

import pytest

from tare.dockerfile.commands import PipCommand
from tare.dockerfile.commands.pip import _RESOLVING, is_local
from tests.dockerfile.commands.support import arity, edited, read, texts

DUMP = """
import json
from pip._internal.commands import create_command
found = {}
for name in ("install", "download", "wheel"):
    parser = create_command(name).parser
    for group in [parser, *parser.option_groups]:
        for option in group.option_list:
            for spelled in option._short_opts + option._long_opts:
                found[spelled] = "value" if option.takes_value() else "flag"
print(json.dumps(found))
"""


def test_the_table_agrees_with_pip() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DUMP], capture_output=True, text=True, check=True, timeout=60
    )
    theirs: dict[str, str] = json.loads(done.stdout)
    assert len(theirs) > 60
    known = {name: arity(_RESOLVING, name) for name in theirs}
    assert known == theirs


@pytest.mark.parametrize(
    "program",
    ["pip", "pip3", "pip3.11", "/opt/venv/bin/pip", "python -m pip", "python3 -m pip", "sudo -H python3.11 -Im pip",
     "python3 -W ignore -m pip", "env PIP_NO_INPUT=1 pip", "conda run -n ml pip"],
)  # fmt: skip
def test_every_way_in(program: str) -> None:
    command = read(f"{program} install torch", PipCommand)
    assert (command.action, texts(command.requirements)) == ("install", ["torch"])


def test_a_full_command() -> None:
    command = read(
        "pip install --no-cache -U -rreq.txt --requirement=dev.txt -c constraints.txt -e . -e 'git+https://h/r#egg=r' "
        "--index-url https://a/simple --extra-index-url=https://b/simple -f https://c/x.html --trusted-host a "
        "--timeout 100 --no-deps --only-binary=:all: --target /opt/x 'torch==2.1.0+cpu' numpy ./wheels/a.whl '.[gpu]'",
        PipCommand,
    )
    assert command.understood and command.no_cache_dir and command.upgrade
    assert texts(command.requirements) == ["torch==2.1.0+cpu", "numpy", "./wheels/a.whl", ".[gpu]"]
    assert texts(command.requirement_files) == ["req.txt", "dev.txt"]
    assert texts(command.constraint_files) == ["constraints.txt"]
    assert texts(command.editable) == [".", "git+https://h/r#egg=r"]
    assert command.index_url is not None and command.index_url.text == "https://a/simple"
    assert texts(command.extra_index_urls) == ["https://b/simple"]
    assert texts(command.find_links) == ["https://c/x.html"]
    assert command.target is not None and command.target.text == "/opt/x"
    assert texts(command.local_paths) == ["./wheels/a.whl", ".[gpu]", "."]


def test_options_before_the_action() -> None:
    command = read("pip --no-cache-dir --disable-pip-version-check install --user x", PipCommand)
    assert command.no_cache_dir and command.user and texts(command.requirements) == ["x"]
    assert read("pip cache purge", PipCommand).action == "cache purge"
    assert read("pip config set global.index-url https://a", PipCommand).action == "config set"
    assert texts(read("pip uninstall -y torch", PipCommand).requirements) == ["torch"]
    assert texts(read("pip freeze", PipCommand).requirements) == []


def test_edits() -> None:
    body = "pip install --no-cache-dir \\\n    -r requirements.txt \\\n    --index-url https://a"
    command = read(body, PipCommand)
    assert edited(body, command.without(command.options[0])) == body.replace(" --no-cache-dir", "")
    assert (
        edited(body, command.without(command.options[1]))
        == "pip install --no-cache-dir \\\n    --index-url https://a"
    )
    exec_body = '["pip", "install", "torch"]'
    assert (
        edited(exec_body, read(exec_body, PipCommand).insertion("--no-deps"))
        == '["pip", "install", "--no-deps", "torch"]'
    )


@pytest.mark.parametrize(
    ("text", "local"),
    [
        (".", True), ("./a", True), (".[x]", True), ("a/b", True), ("a.whl", True), ("x.tar.gz", True),
        ("torch", False), ("torch[x]>=1", False), ("https://h/a.whl", False), ("git+ssh://h/r", False),
        ("a @ https://h/a.zip", False), ("file:///a.whl", True),
    ],
)  # fmt: skip
def test_local_paths(text: str, local: bool) -> None:
    assert is_local(text) is local


def test_other_python_commands_are_not_pip() -> None:
    with pytest.raises(AssertionError):
        read("python -c 'import pip' -m pip install x", PipCommand)
    with pytest.raises(AssertionError):
        read("python manage.py -m pip", PipCommand)
