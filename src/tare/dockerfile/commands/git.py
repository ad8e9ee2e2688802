"""git (git(1), git-clone(1))."""

import re
from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_GENERAL = OptionTable(
    """
    -C= -c= --config-env= --exec-path=? --html-path --man-path --info-path -p/--paginate -P/--no-pager --no-replace-objects
    --bare --git-dir= --work-tree= --namespace= --literal-pathspecs --no-optional-locks -v/--version -h/--help
    """
)
_OTHER = OptionTable(
    """
    -q/--quiet -v/--verbose -f/--force --all --global --system --local --hard --soft --init --recursive --depth= -b= -m=
    --tags --progress --single-branch -j/--jobs= --add --unset --prune --force --tags --get -n/--dry-run -d -x
    """,
    abbreviations=True,
)
_CLONE = OptionTable(
    """
    -v/--verbose -q/--quiet --progress --no-progress --reject-shallow -n/--no-checkout --bare --mirror -l/--local
    --no-hardlinks -s/--shared --recurse-submodules/--recursive=? -j/--jobs= --template= --reference=
    --reference-if-able= --dissociate -o/--origin= -b/--branch= --revision= -u/--upload-pack= --depth= --shallow-since=
    --shallow-exclude= --single-branch --no-single-branch --no-tags --tags --shallow-submodules
    --no-shallow-submodules --separate-git-dir= --ref-format= -c/--config= --server-option= -4/--ipv4 -6/--ipv6
    --filter= --also-filter-submodules --remote-submodules --no-remote-submodules --sparse --bundle-uri=
    """,
    abbreviations=True,
)
_TABLES = MappingProxyType({"clone": _CLONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCommand(PackageCommand):
    """`git clone ...` and the other git commands (only clone's options are all known)."""

    @property
    def repository(self) -> Word | None:
        """What `clone` copies."""
        return self.operands[0] if self.action == "clone" and self.operands else None

    @property
    def directory(self) -> str | None:
        """Where `clone` puts it, by default named after the repository; None when that cannot be known."""
        if self.repository is None:
            return None
        if len(self.operands) > 1:
            return self.operands[1].text
        name = re.sub(r"(/?\.git)?/*$", "", self.repository.text)
        name = re.split(r"[/:]", name)[-1]
        return None if "$" in name or not name else name

    @property
    def depth(self) -> Word | None:
        """The value of `--depth`."""
        return self.value("--depth")

    @property
    def reference(self) -> Word | None:
        """The branch or tag of `-b`, or the commit of `--revision`."""
        return self.value("--branch", "--revision")


def read(command: Command, program: str, words: tuple[Word, ...]) -> GitCommand:
    """Read the words after the program."""
    parts = read_action(words, _GENERAL, _TABLES, other=_OTHER)
    return GitCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=parts.options,
        operands=parts.operands,
    )
