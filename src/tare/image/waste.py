"""Bytes that an image carries and no path shows, with their cause; and content that it holds more than once."""

from collections import defaultdict
from dataclasses import dataclass

from tare.image.tarhead import FILE
from tare.image.tree import Cause, Inode, Node, Tree

SMALLEST_DUPLICATE = 4096


@dataclass(frozen=True, slots=True)
class HiddenFile:
    """Content of layer `written_in` that layer `hidden_in` hid. `size_bytes` of the file as written."""

    path: str
    size_bytes: int
    cause: Cause
    written_in: int
    hidden_in: int


@dataclass(frozen=True, slots=True)
class DuplicateContent:
    """The same content at several visible paths that are not links of each other. `wasted_bytes` is what all
    but one copy take."""

    paths: tuple[str, ...]
    layers: tuple[int, ...]
    size_bytes: int

    @property
    def wasted_bytes(self) -> int:
        """What all copies but one take."""
        return self.size_bytes * (len(self.paths) - 1)


@dataclass(frozen=True, slots=True)
class Waste:
    """All waste of an image, largest first."""

    hidden: tuple[HiddenFile, ...]
    duplicates: tuple[DuplicateContent, ...]

    @property
    def hidden_bytes(self) -> int:
        """What lower layers hold and no path shows."""
        return sum(file.size_bytes for file in self.hidden)

    @property
    def duplicate_bytes(self) -> int:
        """What further copies of visible content take."""
        return sum(group.wasted_bytes for group in self.duplicates)

    def by_cause(self) -> dict[Cause, int]:
        """Hidden bytes for each cause that occurs."""
        totals: dict[Cause, int] = defaultdict(int)
        for file in self.hidden:
            totals[file.cause] += file.size_bytes
        return dict(totals)

    def by_layers(self) -> dict[tuple[int, int], int]:
        """Hidden bytes for each pair of layers (written in, hidden in)."""
        totals: dict[tuple[int, int], int] = defaultdict(int)
        for file in self.hidden:
            totals[file.written_in, file.hidden_in] += file.size_bytes
        return dict(totals)


def find_waste(tree: Tree, smallest_duplicate: int = SMALLEST_DUPLICATE) -> Waste:
    """The waste of a merged tree. Files under `smallest_duplicate` bytes are never called duplicates."""
    hidden = [
        HiddenFile(gone.path, gone.inode.entry.size_bytes, gone.cause, gone.inode.layer, gone.gone_in)
        for gone in tree.hidden
        if gone.inode.entry.size_bytes
    ]
    hidden.sort(key=lambda file: (-file.size_bytes, file.path))
    return Waste(tuple(hidden), find_duplicates(tree, smallest_duplicate))


def find_duplicates(tree: Tree, smallest: int = SMALLEST_DUPLICATE) -> tuple[DuplicateContent, ...]:
    """Content of at least `smallest` bytes that stands at several visible paths, the largest waste first."""
    first: dict[tuple[int, int], Node] = {}
    groups: dict[tuple[int, int], dict[Inode, str]] = {}
    for node in tree.walk():
        entry = node.inode.entry
        if entry.kind is FILE and entry.size_bytes >= smallest:
            key = entry.content, entry.size_bytes
            known = first.setdefault(key, node)
            if known.inode is not node.inode:
                groups.setdefault(key, {known.inode: known.path}).setdefault(node.inode, node.path)
    found = [
        DuplicateContent(tuple(copies.values()), tuple(inode.layer for inode in copies), size)
        for (_, size), copies in groups.items()
    ]
    found.sort(key=lambda group: (-group.wasted_bytes, group.paths))
    return tuple(found)
