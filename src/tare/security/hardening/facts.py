"""What the checks look at, and what they say."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.tarhead import FILE
from tare.image.tree import Node

SYSTEM = frozenset({"dpkg", "apk", "rpm"})
_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Weakness:
    """One thing to do better. `paths` are all it concerns; `cis` is the section of the CIS Docker Benchmark 1.6 that asks for
    it, '' where none does."""

    code: str
    name: str
    severity: Literal["critical", "high", "medium", "low"]
    message: str
    remedy: str
    cis: str = ""
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Facts:
    """An analysed image with its contents at hand."""

    analysis: Analysis
    contents: Contents

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Everything that a container sees."""
        return tuple(self.analysis.tree.walk())

    @cached_property
    def system_files(self) -> frozenset[str]:
        """Paths that the distribution's packages list."""
        packages = self.analysis.packages
        listed = {path for package in packages if package.manager in SYSTEM for path in package.files}
        real = (self.analysis.tree.resolve(path) for path in listed)
        return frozenset(listed | {node.path for node in real if node is not None})

    @cached_property
    def packaged_files(self) -> frozenset[str]:
        """Paths that any package lists."""
        return frozenset(path for package in self.analysis.packages for path in package.files)

    def text(self, path: str) -> str | None:
        """A file's text, links followed; None where it is none or too large."""
        node = self.analysis.tree.resolve(path)
        if node is None or node.inode.entry.kind is not FILE or node.inode.entry.sparse is not None:
            return None
        if node.inode.entry.size_bytes > _LARGEST:
            return None
        return self.contents.read(node.inode).decode("utf-8", "replace")

    @cached_property
    def accounts(self) -> dict[str, tuple[int, int]]:
        """Names of /etc/passwd with their user and group numbers."""
        found = {}
        for line in (self.text("etc/passwd") or "").splitlines():
            parts = line.split(":")
            if len(parts) >= 4 and parts[2].isdecimal() and parts[3].isdecimal():
                found[parts[0]] = (int(parts[2]), int(parts[3]))
        return found

    @cached_property
    def user(self) -> tuple[int, int] | None:
        """The numbers of the user and group that the container runs as; None where the name is not known."""
        name, _, group = self.analysis.image.config.user.partition(":")
        if not name:
            return 0, 0
        by_number = {numbers[0]: numbers for numbers in self.accounts.values()}
        if name.isdecimal():
            uid, gid = by_number.get(int(name), (int(name), 0))
        elif name in self.accounts:
            uid, gid = self.accounts[name]
        else:
            return None
        return uid, int(group) if group.isdecimal() else gid
