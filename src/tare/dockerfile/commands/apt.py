"""apt-get, apt and aptitude (apt-get(8), apt(8))."""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_INSTALLING = frozenset({"install", "reinstall", "build-dep", "source"})
_REMOVING = frozenset({"remove", "purge", "autoremove", "autopurge"})

_TABLE = OptionTable(
    """
    -d/--download-only -f/--fix-broken -m/--ignore-missing/--fix-missing --no-download -q/--quiet=? -s/--simulate
    --just-print --dry-run --recon --no-act -y/--assume-yes/--yes --assume-no -u/--show-upgraded -V/--verbose-versions
    -a/--host-architecture= -P/--build-profiles= -b/--compile/--build --ignore-hold --with-new-pkgs --no-upgrade
    --only-upgrade --allow-downgrades --allow-remove-essential --allow-change-held-packages --force-yes
    --print-uris --purge --reinstall --list-cleanup --no-list-cleanup -t/--target-release/--default-release=
    --trivial-only --mark-auto --no-remove --auto-remove/--autoremove --only-source --diff-only --dsc-only --tar-only
    --arch-only --indep-only --allow-unauthenticated --no-allow-insecure-repositories --allow-insecure-repositories
    --allow-releaseinfo-change --show-progress --with-source= --fix-policy --error-on=
    --no-install-recommends --install-recommends --install-suggests --no-install-suggests
    -h/--help -v/--version -c/--config-file= -o/--option= -R/--without-recommends -r/--with-recommends
    --allow-untrusted --color=? --no-color --comment= --no-show-upgraded --full-resolver --safe-resolver
    """
)
_SPEC = re.compile(
    r"(?P<name>[a-zA-Z0-9][a-zA-Z0-9+.-]*?(?:\+\+)?)(?::(?P<arch>[a-z0-9-]+))?"
    r"(?:=(?P<version>\S+)|/(?P<release>[\w.-]+)|(?P<mark>[+-]))?"
)


@dataclass(frozen=True, slots=True)
class AptPackage:
    """One package argument: `name:arch=version`, `name/release`, `name-` (remove), `name+` (install), or a file.

    `name` is '' for a file, `path` None for a name.
    """

    word: Word
    name: str
    architecture: str | None = None
    version: str | None = None
    release: str | None = None
    operation: Literal["install", "remove"] = "install"
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AptCommand(PackageCommand):
    """`apt-get install -y foo` and its like."""

    @property
    def packages(self) -> tuple[Word, ...]:
        """The package words of install, remove and so on; nothing for `update` or `clean`."""
        return self.operands if self.action in _INSTALLING | _REMOVING else ()

    @property
    def specs(self) -> tuple[AptPackage, ...]:
        """The package words, taken apart. A word that the shell expands keeps its text as the name."""
        return tuple(_package(word, self.action) for word in self.packages)

    @property
    def assume_yes(self) -> bool:
        """Whether it asks nothing: `-y`, or `-qq`, which implies it."""
        quiet = sum(_quiet_level(option.value) for option in self.options if option.name == "--quiet")
        return (
            self.has("--assume-yes", "--force-yes") or quiet >= 2 or self._set("APT::Get::Assume-Yes") is True
        )

    @property
    def recommends(self) -> bool | None:
        """Whether recommended packages come too by this command's own words; None when they do not say."""
        option = self.option(
            "--no-install-recommends", "--install-recommends", "--without-recommends", "--with-recommends"
        )
        if option is not None:
            return option.name in ("--install-recommends", "--with-recommends")
        return self._set("APT::Install-Recommends")

    @property
    def target_release(self) -> Word | None:
        """The value of `-t`."""
        return self.value("--target-release")

    def _set(self, key: str) -> bool | None:
        found: bool | None = None
        for value in self.values("--option"):
            name, _, setting = value.text.partition("=")
            if name.lower() == key.lower():
                found = setting.strip('"').lower() in ("1", "true", "yes", "on", "with", "enable")
        return found


def read(command: Command, program: str, words: tuple[Word, ...]) -> AptCommand:
    """Read the words after the program."""
    parts = read_action(words, _TABLE, MappingProxyType({}))
    return AptCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=parts.options,
        operands=parts.operands,
    )


def _package(word: Word, action: str) -> AptPackage:
    operation: Literal["install", "remove"] = "remove" if action in _REMOVING else "install"
    if "/" in word.text and (word.text.startswith(("/", "./", "../", "~")) or word.text.endswith(".deb")):
        return AptPackage(word, "", path=word.text, operation=operation)
    match = _SPEC.fullmatch(word.text) if word.literal or "=" in word.text else None
    if match is None:
        return AptPackage(word, word.text, operation=operation)
    if match["mark"]:
        operation = "install" if match["mark"] == "+" else "remove"
    return AptPackage(word, match["name"], match["arch"], match["version"], match["release"], operation)


def _quiet_level(value: Word | None) -> int:
    return int(value.text) if value and value.text.isdecimal() else 1
