"""Sums over images that share layers: every figure once as images have it and once as it is stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tare.fleet.facts import ChainFacts, FreeableFacts, LayerFacts, PackageFacts
from tare.inspect.shares import LayerSize, share_of
from tare.schema.quantity import Quantity, estimated, measured, unknown

STORED = "the layers as stored"
UNKNOWN = "a layer's compressed size is not known"


def compressed_of(facts: LayerFacts) -> Quantity:
    """A layer's blob, as well as its size is known."""
    value, low, high = facts.compressed
    if value is None:
        return unknown(UNKNOWN)
    if low is None or high is None:
        return measured(value, STORED)
    return estimated(value, low, high, "by sampled compression")


def total(parts: Iterable[Quantity]) -> Quantity:
    """A sum, as well known as the worst part."""
    value = low = high = 0.0
    basis, source = "measured", STORED
    for part in parts:
        if part.value is None:
            return unknown(part.source)
        value += part.value
        low += part.value if part.low is None else part.low
        high += part.value if part.high is None else part.high
        if part.basis != "measured":
            basis, source = "estimated", part.source
    return measured(value, source) if basis == "measured" else estimated(value, low, high, source)


def scaled(part: Quantity, factor: float, source: str = "") -> Quantity:
    """A quantity times a number."""
    if part.value is None:
        return part
    text = source or part.source
    if part.basis == "measured":
        return measured(part.value * factor, text)
    assert part.low is not None and part.high is not None
    return estimated(part.value * factor, part.low * factor, part.high * factor, text)


@dataclass(slots=True)
class _PackageSum:
    versions: set[str] = field(default_factory=set)
    images: int = 0
    images_bytes: int = 0
    stored: dict[tuple[str, str], int] = field(default_factory=dict)
    """(layer, version) → the most that any image shows of it there."""


@dataclass(slots=True)
class _ItemSum:
    fix: str
    images: int = 0
    images_bytes: int = 0
    layers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    """Layer → in how many chains it has such bytes, and the least of them."""


class Sums:
    """Collects the images one at a time; nothing of an image is kept but what the tables need."""

    def __init__(self, layers: Mapping[str, LayerFacts]) -> None:
        self._layers = layers
        self.uses: dict[str, int] = defaultdict(int)
        """In how many different chains a layer is."""
        self.packages: dict[tuple[str, str], _PackageSum] = {}
        self.items: dict[tuple[str, str], _ItemSum] = {}
        self._chains: set[str] = set()

    def add(self, chain: str, keys: list[str], facts: ChainFacts) -> None:
        """One image. Images with the same chain count as several images whose bytes are stored once."""
        new = chain not in self._chains
        if new:
            self._chains.add(chain)
            for key in set(keys):
                self.uses[key] += 1
        seen: set[tuple[str, str]] = set()
        for package in facts.packages:
            self._package(package, keys, seen)
        for item in facts.freeable:
            self._item(item, keys, new)

    def _package(self, package: PackageFacts, keys: list[str], seen: set[tuple[str, str]]) -> None:
        name = (package.manager, package.name)
        one = self.packages.get(name)
        if one is None:
            one = self.packages[name] = _PackageSum()
        one.versions.add(package.version)
        if name not in seen:
            seen.add(name)
            one.images += 1
        for place, size in package.layers.items():
            one.images_bytes += size
            where = (keys[place], package.version)
            one.stored[where] = max(one.stored.get(where, 0), size)

    def _item(self, item: FreeableFacts, keys: list[str], new: bool) -> None:
        name = (item.kind, item.name)
        one = self.items.get(name)
        if one is None:
            one = self.items[name] = _ItemSum(item.fix)
        one.images += 1
        for place, size in item.layers.items():
            one.images_bytes += size
            if new:
                entry = one.layers[keys[place]]
                entry[1] = size if not entry[0] else min(entry[1], size)
                entry[0] += 1

    def stored(self, name: tuple[str, str]) -> dict[str, int]:
        """What one remedy frees of the stored layers: where images share a layer, only what every one of them can spare."""
        return {
            key: least
            for key, (count, least) in self.items[name].layers.items()
            if count >= self.uses[key] and least
        }

    def share(self, layers: Mapping[str, int]) -> Quantity:
        """What bytes in these layers add to a pull."""
        return share_of(
            (LayerSize(self._layers[key].size_bytes, compressed_of(self._layers[key])), size)
            for key, size in layers.items()
        )


class Common:
    """What all images on a base have to free within its layers."""

    def __init__(self, layers: int) -> None:
        self._count = layers
        self._images = 0
        self._items: dict[tuple[str, str], tuple[int, dict[int, int], str]] = {}

    def add(self, facts: ChainFacts) -> None:
        """One image that stands on the base, or is it."""
        self._images += 1
        for item in facts.freeable:
            name = (item.kind, item.name)
            mine = {place: size for place, size in item.layers.items() if place < self._count}
            known = self._items.get(name)
            if known is None:
                if mine:
                    self._items[name] = (1, mine, item.fix)
                continue
            count, least, fix = known
            merged = {place: min(size, mine.get(place, 0)) for place, size in least.items()}
            self._items[name] = (count + 1, merged, fix)

    def items(self) -> Iterable[tuple[str, dict[int, int]]]:
        """(fix, bytes by place) of what every one of them can spare."""
        for count, layers, fix in self._items.values():
            if count == self._images and any(layers.values()):
                yield fix, layers
