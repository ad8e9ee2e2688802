"""conda, mamba and micromamba."""

from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_GENERAL = OptionTable(
    """
    -h/--help -V/--version -q/--quiet -v/--verbose -vv -vvv -y/--yes --json --debug --no-plugins -d/--dry-run
    -n/--name= -p/--prefix= -r/--root-prefix= --rc-file= --no-rc --no-env --log-level= --no-banner
    --console= --insecure -k --offline
    """
)
_SOLVING = _GENERAL.with_(
    """
    -f/--file= -c/--channel= --use-local --override-channels --repodata-fn= --experimental= --no-lock
    --repodata-use-zst --no-repodata-use-zst --strict-channel-priority --channel-priority= --no-channel-priority
    --no-deps --only-deps --no-pin --copy --no-shortcuts --shortcuts-only= -C/--use-index-cache --download-only
    --show-channel-urls --solver= --update-deps --force-reinstall --freeze-installed --no-update-deps -S/--satisfied-skip-solve
    -U/--update-all/--all --update-specs --revision= -m/--mkdir --clobber --dev --override-frozen --clone=
    --no-default-packages --platform/--subdir= --environment-specifier= --env-spec= --format= --force -a --prune
    --no-pyc --pyc --allow-uninstall --allow-downgrade --relocate-prefix= --category= --no-py-pin --no-extra-safety-checks
    --extra-safety-checks --verify-artifacts --trusted-channels= --retry-clean-cache --always-softlink
    --always-copy --allow-softlinks --rc-file= --no-rc --no-env --lock-timeout= --safety-checks= --ssl-verify=
    """
)
_CLEAN = _GENERAL.with_(
    """
    -a/--all -i/--index-cache -p/--packages -t/--tarballs -f/--force-pkgs-dirs -c/--tempfiles= -l/--logfiles
    --locks --trash -s/--source-cache
    """
)
_CONFIG = _GENERAL.with_(
    """
    --append --prepend/--add --set --remove --remove-key= --get --show --show-sources --validate --describe
    --write-default --system --env --file= --stdin
    """
)
_ENV = _SOLVING.with_("--no-builds --from-history -i/--ignore-channels --override-channels")
_ALIASES = MappingProxyType({"uninstall": "remove", "upgrade": "update"})
_TABLES = MappingProxyType(
    {
        "clean": _CLEAN,
        "config": _CONFIG,
        "init": _GENERAL.with_("--all --user --no-user --system --reverse -s/--shell="),
        **dict.fromkeys(("install", "create", "update", "remove"), _SOLVING),
        **dict.fromkeys(("env create", "env update", "env remove", "env export"), _ENV),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaCommand(PackageCommand):
    """`conda install ...`, `conda env create -f ...`, `micromamba clean -a` and so on."""

    @property
    def packages(self) -> tuple[Word, ...]:
        """The package specifications of install, create, update and remove."""
        return self.operands if self.action in ("install", "create", "update", "remove") else ()

    @property
    def channels(self) -> tuple[Word, ...]:
        """The values of `-c`, in order."""
        return self.values("--channel")

    @property
    def environment(self) -> Word | None:
        """The value of `-n` or `-p`."""
        return self.value("--name", "--prefix")

    @property
    def files(self) -> tuple[Word, ...]:
        """The values of `-f`: environment or specification files."""
        return self.values("--file")

    @property
    def assume_yes(self) -> bool:
        """Whether it asks nothing."""
        return self.has("--yes")

    @property
    def cleans(self) -> frozenset[str]:
        """What `clean` removes: of 'index', 'packages', 'tarballs', 'pkgs-dirs', 'tempfiles', 'logfiles'."""
        if self.action != "clean":
            return frozenset()
        kinds = {
            "--index-cache": "index",
            "--packages": "packages",
            "--tarballs": "tarballs",
            "--force-pkgs-dirs": "pkgs-dirs",
            "--tempfiles": "tempfiles",
            "--logfiles": "logfiles",
        }
        given = {kinds[option.name] for option in self.options if option.name in kinds}
        if self.has("--all"):
            given |= {"index", "packages", "tarballs", "tempfiles", "logfiles"}
        return frozenset(given)


def read(command: Command, program: str, words: tuple[Word, ...]) -> CondaCommand:
    """Read the words after the program."""
    parts = read_action(words, _GENERAL, _TABLES, aliases=_ALIASES, groups=frozenset({"env", "shell"}))
    return CondaCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=parts.options,
        operands=parts.operands,
    )
