"""How much of a pull some bytes of files account for.

A layer is compressed as one stream, so no file has a compressed size of its own. A layer's compressed size is divided
among its files in proportion to their bytes. What part of it a set of files can really be lies between two bounds: the
rest of the layer cannot take more than it has unpacked, and neither can the set.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tare.image.analysis import Analysis
from tare.image.compressibility import estimate_compressed
from tare.image.scan import LayerScan
from tare.image.tarhead import FILE
from tare.schema.quantity import Quantity, estimated, measured, unknown

STORED = "the layer as stored"
SHARE = "share of its layers in proportion to the bytes"


@dataclass(frozen=True, slots=True)
class LayerSize:
    """One layer's file bytes, and the size of its compressed blob as well as that is known."""

    size_bytes: int
    compressed_bytes: Quantity


class Shares:
    """The sizes of an image's layers, and the share that sets of their files have in a pull."""

    def __init__(self, analysis: Analysis) -> None:
        self.layers: Sequence[LayerSize] = tuple(layer_size(scan) for scan in analysis.scans)

    def of(self, layer_bytes: Mapping[int, int]) -> Quantity:
        """What files with these bytes in each layer (index from 0) add to a pull."""
        return share_of((self.layers[index], size) for index, size in layer_bytes.items())

    def total(self) -> Quantity:
        """What a first pull of all layers moves."""
        found = measured(0, "")
        for layer in self.layers:
            found = found + layer.compressed_bytes if found.source else layer.compressed_bytes
        return found if self.layers else measured(0, STORED)


def share_of(parts: Iterable[tuple[LayerSize, int]]) -> Quantity:
    """What files add to a pull, from their bytes in each layer."""
    value = low = high = 0.0
    for layer, size in parts:
        whole = layer.compressed_bytes
        if not size:
            continue
        if whole.value is None:
            return unknown(whole.source)
        least = whole.value if whole.low is None else whole.low
        most = whole.value if whole.high is None else whole.high
        value += whole.value * size / layer.size_bytes
        if size == layer.size_bytes:
            low, high = low + least, high + most
        else:
            low += max(0.0, least - (layer.size_bytes - size))
            high += min(most, size)
    value = round(value)
    return (
        estimated(value, min(value, round(low)), max(value, round(high)), SHARE)
        if value
        else measured(0, SHARE)
    )


def layer_size(scan: LayerScan) -> LayerSize:
    """One layer's file bytes, and its compressed size as well as the scan tells."""
    size = sum(entry.size_bytes for entry in scan.entries if entry.kind is FILE)
    if scan.compressed:
        return LayerSize(size, measured(scan.blob_bytes, STORED))
    if scan.plain_bytes and not scan.sampler.shares:
        return LayerSize(size, unknown("the layer is stored uncompressed"))
    return LayerSize(size, estimate_compressed(((scan.plain_bytes, scan.sampler.shares),)))


def by_layer(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Bytes summed for each layer, from (layer, bytes)."""
    found: dict[int, int] = {}
    for layer, size in pairs:
        found[layer] = found.get(layer, 0) + size
    return found
