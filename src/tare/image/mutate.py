"""An image made from another one, lazily: what its layers will hold is decided here, and bytes move when it is written.

A `Draft` is that image. Its layers either are layers of the original, taken as they are stored, or lists of entries
whose content is described as pieces of original files and new bytes.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tare.core.errors import ImageError
from tare.image.analysis import Analysis
from tare.image.scan import Entry
from tare.image.tarhead import DIRECTORY, FILE, HARDLINK
from tare.image.tarwrite import TarEntry
from tare.image.tree import Inode, Node

ImageJson = dict[str, Any]
"""An image configuration as JSON: kept whole, because fields that tare does not know must survive."""


@dataclass(frozen=True, slots=True)
class Deflated:
    """A raw DEFLATE stream inside a file of this machine, with the CRC-32 of what it inflates to."""

    path: Path
    offset: int
    compressed_bytes: int
    crc32: int


@dataclass(frozen=True, slots=True)
class OnDisk:
    """The whole of a file of this machine, which must stay as it is until the image was written. `deflated`: a stream that
    holds the same bytes compressed."""

    path: Path
    size_bytes: int
    deflated: Deflated | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes in order: `(start, size)` of the original file, bytes, or a file on disk. `origin` is None for new
    files."""

    origin: Inode | None
    parts: tuple[bytes | tuple[int, int] | OnDisk, ...]

    @property
    def size_bytes(self) -> int:
        """The size of the file."""
        return sum(part_size(part) for part in self.parts)


def part_size(part: bytes | tuple[int, int] | OnDisk) -> int:
    """The bytes of one part."""
    if isinstance(part, OnDisk):
        return part.size_bytes
    return len(part) if isinstance(part, bytes) else part[1]


def original(inode: Inode) -> Content:
    """A file as it is."""
    return Content(inode, ((0, inode.entry.size_bytes),))


def written(text: bytes) -> Content:
    """A file of new bytes."""
    return Content(None, (text,))


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """One entry of a new layer; `content` only for regular files."""

    header: TarEntry
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class NewLayer:
    """A layer to be written. `history` is the index of the history entry that it belongs to, None for a new one. `key`
    names what it is made of, where equal keys mean equal bytes: a store may then give back what was written before."""

    entries: tuple[DraftEntry, ...]
    history: int | None
    created_by: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class KeptLayer:
    """A layer of the original as it is stored."""

    index: int
    history: int | None


DraftLayer = NewLayer | KeptLayer


@dataclass(frozen=True)
class Draft:
    """An image that is not written yet. `history` is None: the original's, with layers that are gone marked empty."""

    analysis: Analysis
    config: ImageJson
    layers: tuple[DraftLayer, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    fresh_history: bool = False


@dataclass(frozen=True)
class Edits:
    """What becomes of the merged tree. Paths are of nodes, from the root; removing a directory removes what is in it.

    `added` are new files by path with their header (its size is ignored); missing parents are made.
    """

    removed: frozenset[str] = frozenset()
    changed: Mapping[str, Content] = field(default_factory=dict)
    added: Mapping[str, DraftEntry] = field(default_factory=dict)


Placing = Callable[[Node], int]
"""Which new layer a name goes to. Names of one inode follow the first of them."""


def read_config_json(analysis: Analysis) -> ImageJson:
    """The configuration of the original as a dictionary of its own."""
    found = json.loads(analysis.image.source.config())
    if not isinstance(found, dict):
        raise ImageError("the configuration is no object", where=analysis.image.reference)
    return found


def relaid(analysis: Analysis, edits: Edits, *, keep: bool = True) -> tuple[DraftLayer, ...]:
    """The original's layers without what no path shows and what `edits` take away.

    A layer all of whose content is still visible and unchanged is taken as it is stored (unless `keep` is False).
    Whiteouts are left out: nothing is left that they could hide. Layers that end up empty are left out, too.
    """
    count = len(analysis.image.layers)
    histories = _layer_histories(analysis)
    kept = _untouched(analysis, edits) if keep else frozenset()
    entries = _place(analysis, edits, count + 1, lambda node: node.inode.layer, skip=kept, extra=count)
    layers: list[DraftLayer] = []
    for index in range(count):
        if index in kept:
            layers.append(KeptLayer(index, histories[index]))
        elif entries[index]:
            layers.append(NewLayer(entries[index], histories[index]))
    if entries[count]:
        layers.append(NewLayer(entries[count], None, "tare slim"))
    return tuple(layers)


def grouped(analysis: Analysis, edits: Edits, names: Sequence[str], place: Placing) -> tuple[DraftLayer, ...]:
    """The merged tree in new layers, one for each of `names`; `place` chooses. Added files go to the last."""
    entries = _place(analysis, edits, len(names), place, skip=frozenset(), extra=len(names) - 1)
    return tuple(
        NewLayer(found, None, f"tare slim: {name}")
        for name, found in zip(names, entries, strict=True)
        if found
    )


def _layer_histories(analysis: Analysis) -> list[int | None]:
    history = analysis.image.config.history
    places = [place for place, step in enumerate(history) if not step.empty_layer]
    count = len(analysis.image.layers)
    return list(places) if len(places) == count else [None] * count


def _untouched(analysis: Analysis, edits: Edits) -> frozenset[int]:
    """Layers of which every entry is visible and as it was; directories may be written again by later layers.

    Layers with whiteouts are never among them: a hard link that moves to its file's layer must not be hidden anew.
    """
    alive: list[set[int]] = [set() for _ in analysis.image.layers]
    gone = edits.removed
    for node in analysis.tree.walk():
        inode = node.inode
        if inode.place < 0 or _is_removed(node.path, gone) or node.path in edits.changed:
            continue
        alive[inode.layer].add(inode.place)
        if node.layer != inode.layer:
            alive[inode.layer].discard(inode.place)  # a further name in a later layer: write it anew
    names = {node.path: node for node in analysis.tree.walk() if node.inode.entry.kind is not DIRECTORY}
    found = set()
    for index, scan in enumerate(analysis.scans):
        for place, entry in enumerate(scan.entries):
            if place in alive[index]:
                named = names.get(entry.path)
                if entry.kind is DIRECTORY or (named is not None and named.inode.place == place):
                    continue
                break  # the file lives on under another name only, and this one must not come back
            if entry.kind is DIRECTORY:
                known = analysis.tree.resolve(entry.path)
                if known is not None and known.children is not None and not _is_removed(known.path, gone):
                    continue
            if entry.kind is HARDLINK:
                linked = names.get(entry.path)
                if linked and linked.inode.layer == index and not _is_removed(linked.path, gone):
                    continue
            break
        else:
            found.add(index)
    return frozenset(found)


def _is_removed(path: str, removed: frozenset[str]) -> bool:
    while path:
        if path in removed:
            return True
        path = path.rpartition("/")[0]
    return False


def _place(
    analysis: Analysis,
    edits: Edits,
    count: int,
    place: Placing,
    *,
    skip: frozenset[int],
    extra: int,
) -> list[tuple[DraftEntry, ...]]:
    """The entries of each new layer, parents before children. Every layer names all parents of what it holds, because
    engines that unpack layers one by one would otherwise make them root's, mode 755."""
    tree = analysis.tree
    files: list[dict[str, DraftEntry]] = [{} for _ in range(count)]
    first: dict[Inode, tuple[int, str]] = {}
    stack = [tree.root]
    while stack:
        node = stack.pop()
        if node.path in edits.removed:
            continue
        if node.children is not None:
            stack.extend(node.children[name] for name in sorted(node.children, reverse=True))
            if node.inode.place >= 0 or not node.children:
                files[place(node)][node.path] = DraftEntry(_header(node.path, node.inode.entry))
            continue
        entry = node.inode.entry
        if node.inode in first:
            layer, target = first[node.inode]
            link = TarEntry(node.path, HARDLINK, 0, entry.mode, entry.uid, entry.gid, entry.mtime, target)
            files[layer][node.path] = DraftEntry(link)
            continue
        layer = place(node)
        if entry.kind is not FILE:
            files[layer][node.path] = DraftEntry(_header(node.path, entry))
        else:
            content = edits.changed.get(node.path) or original(node.inode)
            head = replace(_header(node.path, entry), size_bytes=content.size_bytes)
            files[layer][node.path] = DraftEntry(head, content)
        if node.inode.links > 1:
            first[node.inode] = (layer, node.path)
    for path, added in edits.added.items():
        size = added.content.size_bytes if added.content else 0
        files[extra][path] = replace(added, header=replace(added.header, path=path, size_bytes=size))
    return [() if layer in skip else _with_parents(analysis, found) for layer, found in enumerate(files)]


def _with_parents(analysis: Analysis, found: dict[str, DraftEntry]) -> tuple[DraftEntry, ...]:
    if not found:
        return ()
    parents: set[str] = set()
    for path in found:
        parent = path.rpartition("/")[0]
        while parent and parent not in parents and parent not in found:
            parents.add(parent)
            parent = parent.rpartition("/")[0]
    whole = dict(found)
    for path in parents:
        node = analysis.tree.get(path)
        if node is not None and node.children is not None:
            whole[path] = DraftEntry(_header(path, node.inode.entry))
        else:
            whole[path] = DraftEntry(TarEntry(path, DIRECTORY, mode=0o755))
    ordered = sorted(whole, key=lambda path: path.split("/"))
    return tuple(_targets_first(ordered, whole))


def _targets_first(ordered: Iterable[str], whole: Mapping[str, DraftEntry]) -> list[DraftEntry]:
    """In order, but no hard link before the name that holds the content."""
    done: list[DraftEntry] = []
    waiting: list[DraftEntry] = []
    seen: set[str] = set()
    for path in ordered:
        entry = whole[path]
        if entry.header.kind == HARDLINK and entry.header.link not in seen:
            waiting.append(entry)
            continue
        seen.add(path)
        done.append(entry)
    return done + waiting


def _header(path: str, entry: Entry) -> TarEntry:
    link = "" if entry.kind in (FILE, DIRECTORY) else entry.link
    return TarEntry(
        path, entry.kind, 0, entry.mode, entry.uid, entry.gid, entry.mtime, link, entry.device, entry.xattrs
    )
