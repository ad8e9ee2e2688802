"""What each fix would free. Every byte of the image is counted once: hidden bytes by their cause; then visible files by
the package that a fix takes away whole, else by their class, else as further copies of the same content."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tare.image.attribute import Attribution, PathClass
from tare.image.tree import Hidden, Inode, Tree
from tare.image.waste import DuplicateContent
from tare.inspect.remedies import CAUSES, CLASSES, DUPLICATE, package_remedy
from tare.inspect.shares import Shares
from tare.schema.inspect import Remedy, WhatIf, WhatIfItem

_Kind = Literal["waste", "class", "package", "duplicates"]


@dataclass(slots=True)
class _Sum:
    remedy: Remedy
    files: int = 0
    layers: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, layer: int, size: int) -> None:
        self.files += 1
        self.layers[layer] += size


@dataclass(frozen=True, slots=True)
class Freeable:
    """What one remedy frees, by layer (index from 0)."""

    kind: _Kind
    name: str
    remedy: Remedy
    files: int
    layers: dict[int, int]


class WhatIfTable:
    """Collects the bytes of one image; `finish` gives the table."""

    def __init__(self) -> None:
        self._sums: dict[tuple[_Kind, str], _Sum] = {}
        self._taken: set[Inode] = set()

    def hidden(self, hidden: Iterable[Hidden]) -> None:
        """All hidden content."""
        for gone in hidden:
            self._sum("waste", gone.cause, CAUSES[gone.cause]).add(
                gone.inode.layer, gone.inode.entry.size_bytes
            )

    def visible(self, found: Attribution, inode: Inode) -> bool:
        """One visible file, once for each inode. Tells whether a fix takes it."""
        package = found.package
        remedy = package_remedy(package) if package is not None else None
        if remedy is not None and package is not None:
            self._sum("package", f"{package.manager}:{package.name}", remedy).add(
                inode.layer, found.size_bytes
            )
        elif found.path_class in CLASSES and not _stays(found):
            self._sum("class", found.path_class.value, CLASSES[found.path_class]).add(
                inode.layer, found.size_bytes
            )
        else:
            return False
        self._taken.add(inode)
        return True

    def duplicates(self, groups: Iterable[DuplicateContent], tree: Tree) -> None:
        """Further copies of what no other fix takes; the first copy that stays is kept."""
        for group in groups:
            nodes = [tree.get(path) for path in group.paths]
            rest = [node.inode for node in nodes if node is not None and node.inode not in self._taken]
            for inode in rest[1:]:
                self._sum("duplicates", "duplicates", DUPLICATE).add(inode.layer, group.size_bytes)

    def spread(self) -> tuple["Freeable", ...]:
        """Each item with its bytes in each layer, for sums over images that share layers."""
        return tuple(
            Freeable(kind, name, one.remedy, one.files, dict(one.layers))
            for (kind, name), one in self._sums.items()
        )

    def finish(self, shares: Shares, size_bytes: int) -> WhatIf:
        """The table, the largest first."""
        items = [
            WhatIfItem(
                kind,
                name,
                one.files,
                sum(one.layers.values()),
                shares.of(one.layers),
                one.remedy,
                _largest(one.layers),
            )
            for (kind, name), one in self._sums.items()
        ]
        items.sort(key=lambda item: (-item.size_bytes, item.kind, item.name))
        together: dict[int, int] = defaultdict(int)
        for one in self._sums.values():
            for layer, size in one.layers.items():
                together[layer] += size
        freeable = sum(together.values())
        return WhatIf(tuple(items), freeable, shares.of(together), size_bytes - freeable)

    def _sum(self, kind: _Kind, name: str, remedy: Remedy) -> _Sum:
        known = self._sums.get((kind, name))
        if known is None:
            known = self._sums[kind, name] = _Sum(remedy)
        return known


def _largest(layers: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(layer + 1 for layer in sorted(layers, key=lambda layer: (-layers[layer], layer)))


def _stays(found: Attribution) -> bool:
    """Files of a class that their fix leaves: bytecode without a source to compile is a module of its own; a system's
    copyright notices stay."""
    name = found.path.rpartition("/")[2]
    if found.path_class is PathClass.BYTECODE:
        return "/__pycache__/" not in f"/{found.path}"
    if found.path_class is PathClass.DOCUMENTATION:
        return name.startswith(("copyright", "LICENSE", "NOTICE", "COPYING", "license", "AUTHORS"))
    return False
