"""How small an uncompressed layer would travel, from a sample.

A whole pass with gzip at level 6 costs some 30 s a gigabyte. So places spread evenly over the layer are compressed,
each with the 32 KiB before it as dictionary (what deflate would have seen), and the mean share gives the estimate.
The range is two standard errors of that mean, and never below 2 % for the compressor's own make.
"""

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tare.schema.quantity import Quantity, estimated, measured

_PIECE = 16 << 10
_WINDOW = 32 << 10
_DISTANCE = 16 << 20
_LEAST_PLACES = 8
SOURCE = "gzip level 6 on a sample of the uncompressed layers"


@dataclass(slots=True)
class Sampler:
    """Collects the compressed share of places in one layer. `step` is their distance; 0 takes no sample."""

    step: int
    _next: int = 0
    shares: list[tuple[int, int]] = field(default_factory=list)
    """Plain and compressed bytes of each place."""

    def see(self, filled: memoryview, offset: int) -> None:
        """Look at a stretch of the layer that begins at `offset`."""
        if not self.step:
            return
        end = offset + len(filled)
        while self._next < end:
            at = max(0, min(self._next - offset, len(filled) - _PIECE))
            before = filled[max(0, at - _WINDOW) : at]
            piece = filled[at : at + _PIECE]
            packer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=before)
            packed = len(packer.compress(piece)) + len(packer.flush(zlib.Z_SYNC_FLUSH))
            self.shares.append((len(piece), packed))
            self._next += self.step


def sampling_step(layer_bytes: int) -> int:
    """The distance between places in a layer of `layer_bytes` uncompressed bytes: by the layer alone, so that its
    sample can be kept and used again in any image. Costs about 0.05 CPU-s a gigabyte."""
    return max(_PIECE, min(_DISTANCE, layer_bytes // _LEAST_PLACES))


def estimate_compressed(layers: Iterable[tuple[int, Sequence[tuple[int, int]]]]) -> Quantity:
    """The compressed size of layers from (plain bytes, shares) pairs, summed; variances add up."""
    total, variance, floor = 0.0, 0.0, 0.0
    for plain_bytes, shares in layers:
        if not shares:
            continue
        seen = sum(piece for piece, _ in shares)
        ratio = sum(packed for _, packed in shares) / seen
        total += plain_bytes * ratio
        if seen < plain_bytes and len(shares) > 1:
            spread = sum((packed - ratio * piece) ** 2 for piece, packed in shares) / (len(shares) - 1)
            error = math.sqrt(spread * len(shares)) / seen * plain_bytes
            variance += error * error * (1 - seen / plain_bytes)
        elif seen < plain_bytes:
            floor += plain_bytes * ratio * 0.5
    if not total:
        return measured(0, SOURCE)
    margin = max(2 * math.sqrt(variance) + floor, 0.02 * total)
    return estimated(round(total), round(max(0.0, total - margin)), round(total + margin), SOURCE)
