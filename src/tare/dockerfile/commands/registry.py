"""Which module reads which program. A new manager is one file and one line here."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tare.dockerfile.commands import apk, apt, conda, dnf, fetch, git, npm, pip, poetry, uv
from tare.dockerfile.commands.base import PackageCommand
from tare.dockerfile.shell.model import Command, Word

Reader = Callable[[Command, str, tuple[Word, ...]], PackageCommand]


@dataclass(frozen=True, slots=True)
class _Manager:
    names: frozenset[str] | re.Pattern[str]
    read: Reader

    def reads(self, program: str) -> bool:
        if isinstance(self.names, frozenset):
            return program in self.names
        return self.names.fullmatch(program) is not None


_MANAGERS = (
    _Manager(apt.NAMES, apt.read),
    _Manager(apk.NAMES, apk.read),
    _Manager(dnf.NAMES, dnf.read),
    _Manager(pip.NAMES, pip.read),
    _Manager(uv.NAMES, uv.read),
    _Manager(poetry.NAMES, poetry.read),
    _Manager(conda.NAMES, conda.read),
    _Manager(npm.NAMES, npm.read),
    _Manager(fetch.NAMES, fetch.read),
    _Manager(git.NAMES, git.read),
)
_PYTHON = re.compile(r"(python|pypy)\d*(\.\d+)?")
_PYTHON_VALUES = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_MODULES = frozenset({"pip", "uv", "poetry", "conda"})


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
    for manager in _MANAGERS:
        if program and manager.reads(program):
            return manager.read(command, program, words)
    return None


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
