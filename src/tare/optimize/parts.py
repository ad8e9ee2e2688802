"""The parts that an image's bytes fall into, so that two images can be compared part by part.

A part is what one optimization may free: the base image, one Debian package, one Python distribution, its bytecode, its
tests, a package manager's cache, what lower layers hide, the project's own files. Every byte is in exactly one part.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tare.dockerfile import Dockerfile, Stage
from tare.image.analysis import Analysis
from tare.image.attribute import Attribution, Attributor, PathClass
from tare.image.compressibility import estimate_compressed
from tare.image.tarhead import FILE
from tare.schema.quantity import Quantity


class Kind(StrEnum):
    """What a part is made of."""

    BASE = "base image"
    BASE_PACKAGE = "package of the base image"
    SYSTEM = "Debian package"
    PYTHON = "Python distribution"
    BYTECODE = "bytecode"
    PRUNABLE = "tests, headers and static libraries of Python distributions"
    CACHE = "package manager's cache"
    HIDDEN = "hidden in lower layers"
    PROJECT = "the project's own files"
    OTHER = "made by other steps"


@dataclass(frozen=True, slots=True)
class Part:
    """`name` tells parts of one kind apart: a package, a distribution, a cache; '' where there is only one."""

    kind: Kind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of files, and what they add to the compressed layers."""

    size_bytes: int = 0
    packed_bytes: float = 0.0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(self.size_bytes + other.size_bytes, self.packed_bytes + other.packed_bytes)

    def __sub__(self, other: "Weight") -> "Weight":
        return Weight(self.size_bytes - other.size_bytes, self.packed_bytes - other.packed_bytes)


def measured_parts(analysis: Analysis, document: Dockerfile) -> Mapping[Part, Weight]:
    """The parts of a built image; they add up to the file bytes of all its layers.

    A file's packed bytes are its share of its layer's, by size.
    """
    own = _first_own_layer(analysis, document)
    ratios = tuple(_ratios(analysis))
    found: dict[Part, Weight] = defaultdict(Weight)
    copied = _copied_from_stages(document)
    for file in Attributor(analysis).files():
        part = _part(file, own, copied)
        found[part] += Weight(file.size_bytes, file.size_bytes * ratios[file.layer.index])
    for gone in analysis.tree.hidden:
        size = gone.inode.entry.size_bytes
        found[Part(Kind.HIDDEN)] += Weight(size, size * ratios[gone.inode.layer])
    return {part: weight for part, weight in found.items() if weight.size_bytes}


def _ratios(analysis: Analysis) -> Iterator[float]:
    """For each layer, compressed bytes per byte of its files."""
    for scan in analysis.scans:
        size = sum(entry.size_bytes for entry in scan.entries if entry.kind is FILE)
        packed: Quantity | float = (
            scan.blob_bytes
            if scan.compressed
            else estimate_compressed([(scan.plain_bytes, scan.sampler.shares)])
        )
        value = packed if isinstance(packed, int | float) else (packed.value or 0.0)
        yield value / size if size else 0.0


def chain(document: Dockerfile, stage: Stage | None = None) -> tuple[Stage, ...]:
    """The stages whose layers a stage has: its parents first, then itself."""
    found = [stage or document.final]
    while (parent := found[0].parent) is not None:
        found.insert(0, document.stages[parent])
    return tuple(found)


def _first_own_layer(analysis: Analysis, document: Dockerfile) -> int:
    """The index of the first layer that the Dockerfile made; everything is the base's where the history tells nothing."""
    makers = ("RUN", "COPY", "ADD")
    left = sum(node.keyword in makers for stage in chain(document) for node in stage.instructions)
    layers = analysis.image.layers
    first = len(layers)
    while left and first and layers[first - 1].instruction:
        first -= 1
        left -= layers[first].instruction.startswith(makers)
    return first


def _copied_from_stages(document: Dockerfile) -> tuple[str, ...]:
    """Where the final image keeps what other stages made."""
    found = []
    for stage in chain(document):
        for node in stage.instructions:
            if node.keyword == "COPY" and node.flag("from") is not None:
                found.append(node.as_copy().dest.strip("/"))
    return tuple(path for path in found if path and "$" not in path)


def _part(file: Attribution, own: int, copied: tuple[str, ...]) -> Part:
    """The part that a file belongs to."""
    in_base = file.layer.index < own
    package = file.package
    if package is not None and package.manager == "python":
        match file.path_class:
            case PathClass.BYTECODE:
                return Part(Kind.BYTECODE, package.name)
            case PathClass.TESTS | PathClass.HEADERS:
                return Part(Kind.PRUNABLE, package.name)
        return Part(Kind.PYTHON, package.name)
    if package is not None:
        return Part(Kind.BASE_PACKAGE if in_base else Kind.SYSTEM, package.name)
    if file.path_class is PathClass.PACKAGE_CACHE:
        return Part(Kind.CACHE, cache_name(file.path))
    if in_base:
        return Part(Kind.BASE)
    if "site-packages/" in file.path and file.path_class is PathClass.BYTECODE:
        return Part(Kind.BYTECODE)
    within = any(file.path == path or file.path.startswith(f"{path}/") for path in copied)
    if file.layer.instruction.startswith(("COPY", "ADD")) and not within:
        return Part(Kind.PROJECT)
    return Part(Kind.OTHER)


def cache_name(path: str) -> str:
    """Whose cache a path belongs to."""
    for name, words in (
        ("apt", ("lib/apt", "cache/apt")),
        ("pip", ("/pip/",)),
        ("uv", ("/uv/",)),
        ("conda", ("conda",)),
    ):
        if any(word in path for word in words):
            return name
    return "other"
