"""dive's efficiency score, equal to the last digit, so that `.dive-ci` files keep their meaning.

This is dive's formula with its faults (see `waste` for the truth): over the leaf paths of all layers, the sum of the
smallest size of each path divided by the sum of all its sizes; wasted are all sizes of paths that occur twice or more.
A whiteout counts the bytes of the directory that it removes, nothing for a file, and ends its layer's count when the
path was not there. Behaviour as of dive 0.13 (filetree/efficiency.go, observed and tested against the program).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tare.image.scan import Entry
from tare.image.tarhead import DIRECTORY

_WHITEOUT = ".wh."
_META = ".wh..wh."


@dataclass(frozen=True, slots=True)
class DiveScore:
    """`efficiency` from 0 to 1 (None where dive has none: 0 bytes); `wasted_bytes` as in its CI report;
    `inefficient` the paths that count, with their cumulative sizes."""

    efficiency: float | None
    wasted_bytes: int
    wasted_user_percent: float | None
    inefficient: dict[str, int]


class _Node:
    __slots__ = ("children", "directory", "size_bytes")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.size_bytes = 0
        self.directory = False

    def total(self) -> int:
        stack, total = [self], 0
        while stack:
            node = stack.pop()
            total += node.size_bytes
            stack.extend(node.children.values())
        return total


def score_dive(layers: Sequence[Iterable[Entry]]) -> DiveScore:
    """The score of layers, lowest first. Linear in entries, where dive itself stacks all layers per whiteout."""
    smallest: dict[str, int] = {}
    cumulative: dict[str, int] = {}
    seen: dict[str, int] = {}
    stacked: _Node | None = None
    sizes = []
    for entries in layers:
        tree, size = _layer_tree(entries)
        sizes.append(size)
        for path, node in _leaves(tree):
            bytes_here = node.size_bytes
            name = path.rpartition("/")[2]
            if name.startswith(_WHITEOUT):
                path = _without_prefix(path)
                before = _get(stacked if stacked is not None else tree, path)
                if before is None:
                    smallest.setdefault(path, -1)  # dive's mark for "none seen" goes into its sum
                    break
                bytes_here = before.total() if before.directory else 0
            least = smallest.get(path, -1)
            smallest[path] = bytes_here if least < 0 else min(least, bytes_here)
            cumulative[path] = cumulative.get(path, 0) + bytes_here
            seen[path] = seen.get(path, 0) + 1
        if stacked is None:
            stacked = _layer_tree(())[0]
        _stack(stacked, tree)
    inefficient = {path: cumulative[path] for path, count in seen.items() if count > 1}
    total, wasted = sum(cumulative.values()), sum(inefficient.values())
    user = sum(sizes[1:])
    return DiveScore(
        efficiency=sum(smallest.values()) / total if total else None,
        wasted_bytes=wasted,
        wasted_user_percent=wasted / user if user else None,
        inefficient=inefficient,
    )


def _without_prefix(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name[len(_WHITEOUT) :]}"


def _layer_tree(entries: Iterable[Entry]) -> tuple[_Node, int]:
    root = _Node()
    size = 0
    for entry in entries:
        if not entry.path:
            continue
        size += entry.size_bytes
        node: _Node = root
        for name in entry.path.split("/"):
            child = node.children.get(name)
            if child is None:
                if name.startswith(_META):
                    break
                child = node.children[name] = _Node()
            node = child
        else:
            node.size_bytes = entry.size_bytes
            node.directory = entry.kind is DIRECTORY
    return root, size


def _nodes(root: _Node) -> Iterator[tuple[str, _Node]]:
    """Every node but the root, children before their parent, by name."""
    stack: list[tuple[str, _Node, bool]] = [("", root, False)]
    while stack:
        path, node, done = stack.pop()
        if done or not node.children:
            if node is not root:
                yield path, node
            continue
        stack.append((path, node, True))
        prefix = f"{path}/" if path else ""
        stack.extend(
            (prefix + name, node.children[name], False) for name in sorted(node.children, reverse=True)
        )


def _leaves(root: _Node) -> Iterator[tuple[str, _Node]]:
    return ((path, node) for path, node in _nodes(root) if not node.children)


def _get(root: _Node, path: str) -> _Node | None:
    node: _Node | None = root
    for name in path.split("/"):
        node = node.children.get(name) if node is not None else None
    return node


def _stack(lower: _Node, upper: _Node) -> None:
    for path, node in _nodes(upper):
        folder, _, name = path.rpartition("/")
        if name.startswith(_WHITEOUT):
            parent = _get(lower, folder) if folder else lower
            if parent is not None:
                parent.children.pop(name[len(_WHITEOUT) :], None)
            continue
        target = lower
        for part in path.split("/"):
            child = target.children.get(part)
            if child is None:
                child = target.children[part] = _Node()
            target = child
        target.size_bytes, target.directory = node.size_bytes, node.directory
