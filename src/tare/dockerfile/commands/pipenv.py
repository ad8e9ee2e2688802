"""Pipenv (tables from `pipenv --help` of Pipenv 2026)."""

from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_GENERAL = OptionTable(
    """
    -h/--help --version --where --venv --py --envs --rm --bare --man --support --site-packages --python= --clear
    -q/--quiet -v/--verbose --pypi-mirror=
    """
)
_INSTALL = _GENERAL.with_(
    """
    --system --deploy --ignore-pipfile -d/--dev --categories= -r/--requirements= --sequential --skip-lock -e/--editable=
    -i/--index= --extras= --all --resolver= --extra-pip-args= --keep-outdated --pre --index-url= --extra-index-url=
    --keep-virtualenv
    """
)
_TABLES = MappingProxyType({"install": _INSTALL, "sync": _INSTALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class PipenvCommand(PackageCommand):
    """`pipenv install --system --deploy` and its like. For `pipenv run` the operands are the command to run."""

    @property
    def installs(self) -> bool:
        """Whether it puts distributions into the environment."""
        return self.action in ("install", "sync")

    @property
    def system(self) -> bool:
        """Whether it installs into the Python that runs, not into an environment of its own."""
        return self.has("--system")


def read(command: Command, program: str, words: tuple[Word, ...]) -> PipenvCommand:
    """Read the words after the program."""
    parts = read_action(words, _GENERAL, _TABLES)
    options, operands = parts.options, parts.operands
    if parts.action == "run":
        operands = words[words.index(parts.action_words[-1]) + 1 :]
        options = tuple(o for o in options if o.words[0].span < parts.action_words[-1].span)
    return PipenvCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=options,
        operands=operands,
    )
