"""apk, Alpine's package manager (apk(8), apk-add(8))."""

import re
from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_TABLE = OptionTable(
    """
    --allow-untrusted --arch= --cache-dir= --cache-max-age= --force --force-binary-stdout --force-broken-world
    --force-missing-repositories --force-no-chroot --force-non-repository --force-old-apk --force-overwrite
    --force-refresh -f/--force -h/--help -i/--interactive --keys-dir= --logfile=? --no-cache --no-check-certificate
    --no-interactive --no-logfile --no-network --no-progress --print-arch --progress --progress-fd= --preupgrade-depends=
    --preserve-env --purge -q/--quiet --repositories-file= -p/--root= --root-tmpfs=? --sync= --timeout= -U/--update-cache/--update
    -v/--verbose -V/--version --wait= -X/--repository= --clean-protected --initdb --latest -l --no-chroot --no-scripts
    --no-commit-hooks --overlay-from-stdin --simulate -s --usermode --virtual= -t/--virtual= -u/--upgrade --rdepends -r
    -a/--available --prune --ignore --self-upgrade-only --no-self-upgrade -d/--description -e/--installed -w/--webpage
    """
)
_SPEC = re.compile(
    r"(?P<conflict>!)?(?P<name>[A-Za-z0-9.][A-Za-z0-9+._:-]*?)(?P<constraint>(?:[<>~]=?|=)\S+?)?(?:@(?P<tag>[\w-]+))?"
)


@dataclass(frozen=True, slots=True)
class ApkPackage:
    """One package argument: `name`, `name=1.2-r0`, `name~1.2`, `name@edge`, `!name`."""

    word: Word
    name: str
    constraint: str | None = None
    tag: str | None = None
    conflict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApkCommand(PackageCommand):
    """`apk add --no-cache foo` and its like."""

    @property
    def packages(self) -> tuple[Word, ...]:
        """The package words of add, del, fix and upgrade."""
        return self.operands if self.action in ("add", "del", "fix", "upgrade") else ()

    @property
    def specs(self) -> tuple[ApkPackage, ...]:
        """The package words, taken apart. A word that the shell expands keeps its text as the name."""
        return tuple(_package(word) for word in self.packages)

    @property
    def no_cache(self) -> bool:
        """Whether the index is not kept (`--no-cache`)."""
        return self.has("--no-cache")

    @property
    def virtual(self) -> Word | None:
        """The name of the virtual package that this command makes."""
        return self.value("--virtual")


def read(command: Command, program: str, words: tuple[Word, ...]) -> ApkCommand:
    """Read the words after the program."""
    parts = read_action(words, _TABLE, MappingProxyType({}))
    return ApkCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=parts.options,
        operands=parts.operands,
    )


def _package(word: Word) -> ApkPackage:
    match = _SPEC.fullmatch(word.text)
    if match is None or (not word.literal and match["constraint"] is None):
        return ApkPackage(word, word.text)
    return ApkPackage(word, match["name"], match["constraint"], match["tag"], match["conflict"] is not None)
