"""One pass over an analysed image that puts every byte where it belongs: layer, package, class, waste, remedy."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tare.image.analysis import Analysis
from tare.image.attribute import Attribution, Attributor, PathClass, classify
from tare.image.catalog import Package
from tare.image.tarhead import FILE
from tare.image.tree import Inode, Node
from tare.image.waste import DuplicateContent, find_duplicates
from tare.inspect.changes import kind_of
from tare.inspect.shares import Shares
from tare.inspect.whatif import Freeable, WhatIfTable
from tare.schema.inspect import FileFacts, InspectClass, InspectPackage, Share, WhatIf


@dataclass(slots=True)
class Tally:
    """Files and their bytes in each layer (index from 0)."""

    files: int = 0
    layers: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    freeable_bytes: int = 0

    @property
    def size_bytes(self) -> int:
        """All bytes."""
        return sum(self.layers.values())


@dataclass(frozen=True)
class Survey:
    """What one pass found. `packages` and `classes` hold the visible files, each file once."""

    analysis: Analysis
    attributor: Attributor
    shares: Shares
    size_bytes: int
    visible_bytes: int
    entries: int
    packages: tuple[tuple[Package, Tally], ...]
    unowned: Tally
    classes: dict[PathClass, Tally]
    duplicates: tuple[DuplicateContent, ...]
    what_if: WhatIf
    freeable: tuple[Freeable, ...]
    """The items of `what_if` with their bytes in each layer."""
    kept: Mapping[Inode, Attribution] = field(default_factory=dict)
    """What was found of each file, where rows of all files are asked for later: nothing is attributed twice."""

    def package_facts(self, base_layers: int | None) -> tuple[InspectPackage, ...]:
        """All packages, the largest first."""
        found = [
            InspectPackage(
                number=number,
                manager=package.manager,
                name=package.name,
                version=package.version,
                files=tally.files,
                size_bytes=tally.size_bytes,
                compressed_bytes=self.shares.of(tally.layers),
                layers=tuple(sorted(layer + 1 for layer in tally.layers)),
                base=None if base_layers is None else all(layer < base_layers for layer in tally.layers),
                freeable_bytes=tally.freeable_bytes,
                source=package.source,
            )
            for number, (package, tally) in enumerate(self.packages)
        ]
        return tuple(found)

    def class_facts(self) -> tuple[InspectClass, ...]:
        """All classes that occur, the largest first."""
        found = [
            InspectClass(kind.value, tally.files, tally.size_bytes, self.shares.of(tally.layers))
            for kind, tally in self.classes.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.size_bytes, one.name)))

    def unowned_share(self) -> Share:
        """What no package claims."""
        return Share(self.unowned.size_bytes, self.shares.of(self.unowned.layers))

    def visible_files(self) -> Iterator[tuple[str, int]]:
        """Every visible file with its bytes, once for each inode."""
        for node in _file_nodes(self.analysis):
            yield node.path, node.inode.entry.size_bytes

    def file_facts(self) -> Iterator[FileFacts]:
        """Every visible name, parents first, then every hidden version of a file."""
        places = {id(package): place for place, (package, _) in enumerate(self.packages)}
        seen: set[Inode] = set()
        for node in self.analysis.tree.walk():
            inode = node.inode
            again = inode in seen
            if inode.links > 1:
                seen.add(inode)
            yield self._row(node, places, again)
        for gone in self.analysis.tree.hidden:
            entry = gone.inode.entry
            yield FileFacts(
                gone.path, kind_of(entry), entry.size_bytes, gone.inode.layer + 1, gone.gone_in + 1, gone.cause,
                entry.mode, entry.uid, entry.gid, entry.mtime, entry.link, -1, "",
            )  # fmt: skip

    def _row(self, node: Node, places: dict[int, int], again: bool) -> FileFacts:
        entry = node.inode.entry
        owner, kind = -1, ""
        if node.children is None:
            known = self.kept.get(node.inode)
            found = known if known is not None and known.path == node.path else self.attributor.node(node)
            owner = places[id(found.package)] if found.package is not None else -1
            kind = found.path_class.value
        return FileFacts(
            node.path, kind_of(entry), entry.size_bytes, node.inode.layer + 1, 0, "",
            entry.mode, entry.uid, entry.gid, entry.mtime, entry.link, owner, kind, again,
        )  # fmt: skip


def survey(analysis: Analysis, *, keep: bool = False) -> Survey:
    """Attribute every visible file once and sum up. `keep` what was found of each, for `Survey.file_facts`."""
    attributor = Attributor(analysis)
    shares = Shares(analysis)
    packages: dict[int, Tally] = defaultdict(Tally)
    classes: dict[PathClass, Tally] = defaultdict(Tally)
    unowned = Tally()
    table = WhatIfTable()
    table.hidden(analysis.tree.hidden)
    kept: dict[Inode, Attribution] = {}
    visible = 0
    for node in _file_nodes(analysis):
        found, inode = attributor.node(node), node.inode
        if keep:
            kept[inode] = found
        size = found.size_bytes
        visible += size
        tally = packages[id(found.package)] if found.package is not None else unowned
        for one in (tally, classes[found.path_class]):
            one.files += 1
            one.layers[inode.layer] += size
        if table.visible(found, inode):
            tally.freeable_bytes += size
    duplicates = find_duplicates(analysis.tree)
    table.duplicates(duplicates, analysis.tree)
    size_bytes = sum(layer.size_bytes for layer in shares.layers)
    ordered = [(package, packages.get(id(package), Tally())) for package in analysis.packages]
    ordered.sort(key=lambda one: (-one[1].size_bytes, one[0].manager, one[0].name, one[0].version))
    return Survey(
        analysis=analysis,
        attributor=attributor,
        shares=shares,
        size_bytes=size_bytes,
        visible_bytes=visible,
        entries=sum(len(scan.entries) for scan in analysis.scans),
        packages=tuple(ordered),
        unowned=unowned,
        classes=dict(classes),
        duplicates=duplicates,
        what_if=table.finish(shares, size_bytes),
        freeable=table.spread(),
        kept=kept,
    )


def _file_nodes(analysis: Analysis) -> Iterator[Node]:
    """Every visible file once. Of several names the first that is no cache's: what a cache shares by hard links with an
    installed package (conda's `pkgs`) stays when the cache goes."""
    linked: dict[Inode, Node] = {}
    for node in analysis.tree.walk():
        inode = node.inode
        if inode.entry.kind is not FILE:
            continue
        if inode.links <= 1:
            yield node
        elif inode not in linked or classify(linked[inode].path) is PathClass.PACKAGE_CACHE:
            linked[inode] = node
    yield from linked.values()
