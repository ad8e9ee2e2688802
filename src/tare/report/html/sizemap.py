"""The files of an image as a tree of bounded size, for the treemap.

The largest directories and files are kept by themselves; what is left in a directory becomes one node, so that the sizes
of a node's children always add up to its own. Flat lists and no recursion: paths from images may be thousands deep.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tare.schema.inspect import FileFacts

NO_PACKAGE = -1


@dataclass(slots=True)
class MapNode:
    """A directory, a file, or what is left of a directory (`rest`). `files` counts the files in it; the last three tell
    whose most of its bytes are: a class, a layer from 1, a package's number or -1."""

    name: str
    parent: int
    size_bytes: int = 0
    files: int = 0
    rest: bool = False
    path_class: str = ""
    layer: int = 0
    package: int = NO_PACKAGE


@dataclass(slots=True)
class _Growing:
    name: str
    parent: int
    children: dict[str, int] = field(default_factory=dict)
    size_bytes: int = 0
    files: int = 0
    shares: dict[tuple[str, int, int], int] = field(default_factory=lambda: defaultdict(int))


def size_map(files: Iterable[FileFacts], limit: int = 3000) -> tuple[MapNode, ...]:
    """The tree with at most `limit` nodes that are not rests; the root, named '', comes first and parents before children.

    Hard links' further names are left out: their bytes are the first name's.
    """
    nodes = [_Growing("", -1)]
    for file in files:
        if file.kind != "file" or file.hardlink:
            continue
        place = 0
        for name in file.path.split("/"):
            children = nodes[place].children
            found = children.get(name)
            if found is None:
                found = children[name] = len(nodes)
                nodes.append(_Growing(name, place))
            place = found
        whose = (file.path_class, file.layer, file.package)
        nodes[place].size_bytes += file.size_bytes
        nodes[place].files += 1
        nodes[place].shares[whose] += file.size_bytes
    for node in reversed(nodes[1:]):  # a child always stands behind its parent
        above = nodes[node.parent]
        above.size_bytes += node.size_bytes
        above.files += node.files
        for whose, size in node.shares.items():
            above.shares[whose] += size
    return _kept(nodes, limit)


def _kept(nodes: Sequence[_Growing], limit: int) -> tuple[MapNode, ...]:
    # Largest first and, of equals, parents first: whoever is among them, so are all above it.
    ranked = heapq.nsmallest(limit, range(1, len(nodes)), key=lambda place: (-nodes[place].size_bytes, place))
    chosen = {0, *(place for place in ranked if nodes[place].size_bytes)}
    where: dict[int, int] = {}
    kept: list[MapNode] = []
    for place in sorted(chosen):
        node = nodes[place]
        where[place] = len(kept)
        kept.append(_node(node.name, where.get(node.parent, -1), node.size_bytes, node.files, node.shares))
    for place in sorted(chosen):
        left = [nodes[child] for child in nodes[place].children.values() if child not in chosen]
        size, count = sum(node.size_bytes for node in left), sum(node.files for node in left)
        if size:
            shares: dict[tuple[str, int, int], int] = defaultdict(int)
            for node in left:
                for whose, part in node.shares.items():
                    shares[whose] += part
            rest = _node("", where[place], size, count, shares)
            rest.rest = True
            kept.append(rest)
    return tuple(kept)


def _node(name: str, parent: int, size: int, files: int, shares: dict[tuple[str, int, int], int]) -> MapNode:
    classes: dict[str, int] = defaultdict(int)
    layers: dict[int, int] = defaultdict(int)
    packages: dict[int, int] = defaultdict(int)
    for (path_class, layer, package), part in shares.items():
        classes[path_class] += part
        layers[layer] += part
        packages[package] += part
    return MapNode(
        name,
        parent,
        size,
        files,
        path_class=max(classes, key=classes.__getitem__, default=""),
        layer=max(layers, key=layers.__getitem__, default=0),
        package=max(packages, key=packages.__getitem__, default=NO_PACKAGE),
    )
