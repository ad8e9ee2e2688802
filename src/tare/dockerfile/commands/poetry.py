"""Poetry (options of Poetry 1 and 2)."""

from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_GENERAL = OptionTable(
    """
    -h/--help -q/--quiet -V/--version --ansi --no-ansi -n/--no-interaction --no-plugins --no-cache -P/--project=
    -C/--directory= -v -vv -vvv --verbose --local --unset --list --migrate --no-update --check --regenerate --all
    """
)
_GROUPS = "--without= --with= --only= --only-root --all-groups -E/--extras= --all-extras --dev --no-dev"
_TABLES = MappingProxyType(
    {
        "install": _GENERAL.with_(
            f"{_GROUPS} --sync --no-root --no-directory --dry-run --remove-untracked --compile"
        ),
        "sync": _GENERAL.with_(f"{_GROUPS} --no-root --no-directory --dry-run --compile"),
        "update": _GENERAL.with_(f"{_GROUPS} --sync --dry-run --lock"),
        "export": _GENERAL.with_(
            f"{_GROUPS} -f/--format= -o/--output= --without-hashes --without-urls --with-credentials"
        ),
        "add": _GENERAL.with_(
            "-G/--group= -D/--dev -e/--editable -E/--extras= --optional=? --python= --platform= --markers= --source= "
            "--allow-prereleases --dry-run --lock"
        ),
        "build": _GENERAL.with_(
            "-f/--format= -o/--output= --clean -l/--local-version= -c/--config-settings="
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoetryCommand(PackageCommand):
    """`poetry install --no-root` and its like."""

    @property
    def no_root(self) -> bool:
        """Whether the project itself is not installed."""
        return self.has("--no-root")

    @property
    def only_groups(self) -> tuple[str, ...]:
        """The groups of `--only`; `--no-dev` counts as `main`."""
        return self._groups("--only") or (("main",) if self.has("--no-dev") else ())

    @property
    def excluded_groups(self) -> tuple[str, ...]:
        """The groups of `--without`."""
        return self._groups("--without")

    @property
    def included_groups(self) -> tuple[str, ...]:
        """The groups of `--with`."""
        return self._groups("--with")

    @property
    def packages(self) -> tuple[Word, ...]:
        """The package words of add, remove and update."""
        return self.operands if self.action in ("add", "remove", "update", "self add") else ()

    def _groups(self, option: str) -> tuple[str, ...]:
        texts = (value.text for value in self.values(option))
        return tuple(name for text in texts for name in text.replace(" ", ",").split(",") if name)


def read(command: Command, program: str, words: tuple[Word, ...]) -> PoetryCommand:
    """Read the words after the program."""
    parts = read_action(words, _GENERAL, _TABLES, groups=frozenset({"self", "cache", "env", "source"}))
    if parts.action == "run":
        after = words[words.index(parts.action_words[-1]) + 1 :]
        before = tuple(o for o in parts.options if o.words[0].span < parts.action_words[-1].span)
        return PoetryCommand(
            command=command,
            program=program,
            action="run",
            action_words=parts.action_words,
            options=before,
            operands=after,
        )
    return PoetryCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=parts.options,
        operands=parts.operands,
    )
