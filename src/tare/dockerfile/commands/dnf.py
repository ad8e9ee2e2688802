"""dnf, microdnf and yum (dnf(8))."""

from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_PACKAGE_ACTIONS = frozenset(
    ["install", "reinstall", "remove", "autoremove", "update", "downgrade", "builddep", "download", "swap"]
)
_ALIASES = MappingProxyType(
    {
        "in": "install",
        "erase": "remove",
        "rm": "remove",
        "upgrade": "update",
        "up": "update",
        "localinstall": "install",
        "grp": "group",
        "groupinstall": "group install",
        "groupremove": "group remove",
    }
)

_TABLE = OptionTable(
    """
    -4 -6 --advisory= --allowerasing --assumeno -b/--best -C/--cacheonly --color= --comment= -c/--config= -d/--debuglevel=
    --debugsolver --disableexcludes= --disableexcludepkgs= --disable --disableplugin= --disablerepo= --downloaddir=
    --destdir= --downloadonly -e/--errorlevel= --enable --enableplugin= --enablerepo= -x/--exclude/--excludepkgs=
    --forcearch= -h/--help --help-cmd --installroot= --newpackage --noautoremove --nobest --no-best --nodocs --nogpgcheck
    --no-gpgchecks --noplugins --obsoletes -q/--quiet -R/--randomwait= --refresh --releasever= --repofrompath= --repo/--repoid=
    --rpmverbosity= --sec-severity/--secseverity= --security --setopt= --skip-broken --showduplicates --transformdb
    -v/--verbose --version -y/--assumeyes --bugfix --bz= --cve= --enhancement --allmem --all -t --tolerant
    --noobsoletes --skip-unavailable --allow-downgrade --no-allow-downgrade --setvar= --disable-repo= --enable-repo=
    --from-repo= --use-host-config --archlist/--arch= --resolve --alldeps --save
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnfCommand(PackageCommand):
    """`dnf install -y foo` and its like."""

    @property
    def packages(self) -> tuple[Word, ...]:
        """The package words of install, remove, update and so on (groups, files and addresses included)."""
        return self.operands if self.action in _PACKAGE_ACTIONS else ()

    @property
    def assume_yes(self) -> bool:
        """Whether it asks nothing."""
        return self.has("--assumeyes")

    @property
    def weak_dependencies(self) -> bool | None:
        """What `--setopt=install_weak_deps=` says; None when it is not given."""
        found = [
            v.text.partition("=")[2].lower()
            for v in self.values("--setopt")
            if "install_weak_deps=" in v.text
        ]
        return found[-1] in ("1", "true", "yes", "on") if found else None

    @property
    def documentation(self) -> bool | None:
        """False when documentation is left out (`--nodocs`, `--setopt=tsflags=nodocs`); None when not said."""
        if self.has("--nodocs") or any("tsflags=nodocs" in value.text for value in self.values("--setopt")):
            return False
        return None


def read(command: Command, program: str, words: tuple[Word, ...]) -> DnfCommand:
    """Read the words after the program."""
    parts = read_action(
        words, _TABLE, MappingProxyType({}), aliases=_ALIASES, groups=frozenset({"group", "module"})
    )
    return DnfCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=parts.options,
        operands=parts.operands,
    )
