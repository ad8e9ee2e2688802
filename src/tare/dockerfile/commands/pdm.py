"""PDM (tables from `pdm help` of PDM 2.29)."""

from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_GENERAL = OptionTable(
    """
    -h/--help -V/--version -c/--config= -v/--verbose -vv -q/--quiet --no-cache -I/--ignore-python -n/--non-interactive
    -p/--project= -g/--global
    """
)
_INSTALL = _GENERAL.with_(
    """
    --dry-run -L/--lockfile= --no-lock --frozen-lockfile --no-editable=? --no-self -x/--fail-fast --no-isolation
    -C/--config-setting= -G/--group/--with= --without= --no-default -d/--dev --prod/--production --no-dev
    -s/--section= --venv= -k/--skip= --check --plugins --override= --clean --only-keep --clean-unselected -r/--reinstall
    """
)
_RUN = _GENERAL.with_(
    "-s/--site-packages --recreate --json -l/--list -j -k/--skip= --venv= --env-file= --no-env-file"
)
_EXPORT = _INSTALL.with_(
    "-f/--format= -o/--output= --without-hashes/--no-hashes --no-markers --self --editable-self --expandvars --pyproject"
)
_TABLES = MappingProxyType({"install": _INSTALL, "sync": _INSTALL, "export": _EXPORT})
_GROUPS = frozenset({"venv", "self", "cache", "python"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PdmCommand(PackageCommand):
    """`pdm install --prod` and its like. For `pdm run` the operands are the command to run."""

    @property
    def installs(self) -> bool:
        """Whether it puts distributions into the environment."""
        return self.action in ("install", "sync")

    @property
    def without_development(self) -> bool:
        """Whether the development groups stay out."""
        return self.has("--prod", "--no-dev", "--group")


def read(command: Command, program: str, words: tuple[Word, ...]) -> PdmCommand:
    """Read the words after the program."""
    parts = read_action(words, _GENERAL, _TABLES, aliases={"i": "install"}, groups=_GROUPS)
    options, operands = parts.options, parts.operands
    if parts.action == "run":
        after = words[words.index(parts.action_words[-1]) + 1 :]
        line = _RUN.read(after, stop=True)
        before = tuple(o for o in options if o.words[0].span < parts.action_words[-1].span)
        options, operands = before + line.options, line.operands + line.rest
    return PdmCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=options,
        operands=operands,
    )
