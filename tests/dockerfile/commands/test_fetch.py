"""curl and wget; the tables against the programs' own help, where they are installed."""

import re
import shutil
import subprocess

import pytest

from tare.dockerfile.commands import FetchCommand
from tare.dockerfile.commands.fetch import _CURL, _WGET
from tests.dockerfile.commands.support import arity, read, texts

U = "https://h/d/miniconda.sh"


@pytest.mark.parametrize(
    ("body", "output", "piped", "fails"),
    [
        (f"curl -fsSL {U} -o /tmp/m.sh", "/tmp/m.sh", False, True),
        (f"curl -fsSLo /tmp/m.sh {U}", "/tmp/m.sh", False, True),
        (f"curl -LO {U}", "miniconda.sh", False, False),
        (f"curl --output-dir /tmp -O '{U}?x=1'", "/tmp/miniconda.sh", False, False),
        (f"curl -sSL {U} | bash -", "-", True, False),
        (f"curl -H 'A: b' --retry 3 -X POST {U} > /x 2>&1", "/x", False, False),
        (f"curl -OJ {U}", None, False, False),
        (f"wget -q {U}", "miniconda.sh", False, True),
        (f"wget -qO /tmp/m.sh {U}", "/tmp/m.sh", False, True),
        (f"wget -qO- {U} | tar xz", "-", True, True),
        (f"wget -nv --no-check-certificate -P /tmp {U}", "/tmp/miniconda.sh", False, True),
        (f"wget --quiet --header 'A: b' {U} -O ~/m.sh", "~/m.sh", False, True),
        ("wget https://h/$NAME", None, False, True),
        ("wget https://h/", None, False, True),
    ],
)
def test_commands(body: str, output: str | None, piped: bool, fails: bool) -> None:
    command = read(body, FetchCommand)
    assert command.understood, [o.written for o in command.options if not o.known]
    assert (command.output, command.to_pipe, command.fails_on_error) == (output, piped, fails)
    assert len(command.urls) == 1


def test_several_addresses() -> None:
    command = read("curl --url https://a/x -O https://b/y", FetchCommand)
    assert texts(command.urls) == ["https://a/x", "https://b/y"]
    assert command.output is None


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_table_agrees_with_curl() -> None:
    done = subprocess.run(["curl", "--help", "all"], capture_output=True, text=True, check=True, timeout=20)
    found = re.findall(r"^ *(?:(-\S), )?(--[\w.-]+)( [<\[]\S.*?[>\]])?(?:\s|$)", done.stdout, re.MULTILINE)
    assert len(found) > 100
    wrong = [
        (long, arity(_CURL, long))
        for _, long, value in found
        if arity(_CURL, long) != ("value" if value else "flag")
    ]
    assert not wrong


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_the_table_agrees_with_wget() -> None:
    done = subprocess.run(["wget", "--help"], capture_output=True, text=True, check=True, timeout=20)
    found = re.findall(r"^ +(?:-\w+, +)?(--[\w.-]+)=\S+", done.stdout, re.MULTILINE)
    assert len(found) > 50
    assert not [long for long in found if arity(_WGET, long) != "value"]
