"""npm, yarn and pnpm."""

from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_TABLE = OptionTable(
    """
    -g/--global --location= -S/--save -D/--save-dev -O/--save-optional --save-peer -P/--save-prod -E/--save-exact
    -B/--save-bundle --omit= --include= --only= --production=? --prod --dev --no-dev --no-save --no-audit --audit=? --no-fund
    --fund=? --no-optional --no-package-lock --package-lock-only --no-bin-links --no-progress --progress=?
    --legacy-peer-deps --legacy-bundling --strict-peer-deps --prefer-dedupe --prefer-offline --prefer-online --offline
    --ignore-scripts --unsafe-perm=? --force -f/--force --foreground-scripts --loglevel= -s/--silent -q/--quiet -d -dd
    --verbose --registry= --cache= --cache-folder= --prefix= -C/--dir= --cwd= -w/--workspace= --workspaces --userconfig= --tag=
    --fetch-retries= --fetch-timeout= --network-timeout= --network-concurrency= --maxsockets= --frozen-lockfile
    --no-frozen-lockfile --immutable --immutable-cache --pure-lockfile --no-lockfile --ignore-engines --ignore-optional
    --ignore-platform --non-interactive --check-files --flat --har --modules-folder= --mutex= --store-dir= --shamefully-hoist
    --recursive -r/--recursive --filter= -F/--filter= --silent --version -v -h/--help -y/--yes --all --mirror
    --inline-builds --mode= --json -p --color=? --no-color --emoji=? --link-duplicates --dry-run --long --depth=
    """
)
_ALIASES = MappingProxyType(
    {
        "i": "install",
        "in": "install",
        "isntall": "install",
        "clean-install": "ci",
        "ic": "ci",
        "uninstall": "remove",
        "un": "remove",
        "rm": "remove",
        "r": "remove",
        "up": "update",
        "upgrade": "update",
        "run-script": "run",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmCommand(PackageCommand):
    """`npm ci`, `yarn install`, `pnpm add ...` and so on; a bare `yarn` has the action 'install'."""

    @property
    def packages(self) -> tuple[Word, ...]:
        """The package words of install, add, remove and update (`yarn global add` too)."""
        adding = ("install", "add", "remove", "update", "global add")
        return self.operands if self.action in adding else ()

    @property
    def is_global(self) -> bool:
        """Whether it installs outside of a project."""
        location = self.value("--location")
        return (
            self.has("--global")
            or self.action == "global add"
            or (location is not None and location.text == "global")
        )

    @property
    def production(self) -> bool:
        """Whether development dependencies are left out by this command's own words."""
        flag = self.option("--production", "--prod")
        if flag is not None:
            return flag.value is None or flag.value.text != "false"
        omitted = {word.text for word in self.values("--omit")}
        only = {word.text for word in self.values("--only")}
        return "dev" in omitted or not only.isdisjoint({"prod", "production"})


def read(command: Command, program: str, words: tuple[Word, ...]) -> NpmCommand:
    """Read the words after the program."""
    parts = read_action(
        words, _TABLE, MappingProxyType({}), aliases=_ALIASES, groups=frozenset({"cache", "global", "store"})
    )
    bare = (
        program == "yarn"
        and not parts.action
        and not any(o.name in ("--version", "-v", "--help") for o in parts.options)
    )
    return NpmCommand(
        command=command,
        program=program,
        action="install" if bare else parts.action,
        action_words=parts.action_words,
        options=parts.options,
        operands=parts.operands,
    )
