"""Which module reads which program. A new manager is one file and one line a program here."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand
from tare.dockerfile.shell.model import Command, Word

Reader = Callable[[Command, str, tuple[Word, ...]], PackageCommand]

_MODULES_OF: Mapping[str, str] = MappingProxyType(
    {
        "apk": "apk",
        "apt": "apt",
        "apt-get": "apt",
        "aptitude": "apt",
        "dnf": "dnf",
        "dnf5": "dnf",
        "microdnf": "dnf",
        "yum": "dnf",
        "tdnf": "dnf",
        "uv": "uv",
        "poetry": "poetry",
        "pdm": "pdm",
        "pipenv": "pipenv",
        "conda": "conda",
        "mamba": "conda",
        "micromamba": "conda",
        "npm": "npm",
        "yarn": "npm",
        "pnpm": "npm",
        "curl": "fetch",
        "wget": "fetch",
        "git": "git",
    }
)
_PIP = re.compile(r"pip\d*(\.\d+)?(-\d[\d.]*)?")
_PYTHON = re.compile(r"(python|pypy)\d*(\.\d+)?")
_PYTHON_VALUES = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_MODULES = frozenset({"pip", "uv", "poetry", "pdm", "pipenv", "conda"})


def recognise(command: Command) -> PackageCommand | None:
    """The typed view of a command, None when its program is not one of the known.

    Prefixes that the shell reader sees through (`sudo`, `env`) do not matter, nor does the way in: `pip3.11`,
    `/opt/venv/bin/pip` and `python3 -m pip` are all pip.
    """
    program, words = command.name, command.arguments
    if _PYTHON.fullmatch(program):
        module = _module(words)
        if module is None:
            return None
        program, words = words[module].text, words[module + 1 :]
    name = "pip" if _PIP.fullmatch(program) else _MODULES_OF.get(program)
    return _reader(name)(command, program, words) if name else None


@cache
def _reader(name: str) -> Reader:
    read: Reader = import_module(f"tare.dockerfile.commands.{name}").read
    return read


def _module(words: tuple[Word, ...]) -> int | None:
    """Index of the module that Python's `-m` names, when it is one of ours."""
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        if words[at].text == "-c":
            return None
        if re.fullmatch(r"-[a-zA-Z]*m", words[at].text):
            known = at + 1 < len(words) and words[at + 1].text in _MODULES
            return at + 1 if known else None
        at += 2 if words[at].text in _PYTHON_VALUES else 1
    return None
