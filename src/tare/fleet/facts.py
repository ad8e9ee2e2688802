"""What the store keeps of a layer and of a chain of layers: small, and enough for every table of the report."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from tare.image.scan import LayerScan
from tare.inspect.shares import layer_size

FORMAT = 1
"""Raise it when facts change their meaning; a store of another format is not read."""


class PackageFacts(msgspec.Struct, frozen=True, array_like=True):
    """A package of one chain: its visible bytes by layer (place from 0). `owner` is its place among the advisories' names:
    ecosystem, name and version there, '' with the reason where there is none."""

    manager: str
    name: str
    version: str
    files: int
    layers: dict[int, int]
    ecosystem: str
    advisory_name: str
    advisory_version: str
    reason: str


class FreeableFacts(msgspec.Struct, frozen=True, array_like=True):
    """What one remedy takes out of a chain, by layer."""

    kind: Literal["waste", "class", "package", "duplicates"]
    name: str
    fix: str
    layers: dict[int, int]


class ChainFacts(msgspec.Struct, frozen=True, array_like=True):
    """A chain of layers as a container sees it."""

    visible_bytes: int
    hidden_bytes: int
    duplicate_bytes: int
    packages: list[PackageFacts]
    classes: dict[str, int]
    freeable: list[FreeableFacts]
    problems: list[str]
    """Package databases that could not be read: what they hold is unknown."""


class LayerFacts(msgspec.Struct, frozen=True, array_like=True):
    """A layer by itself. `compressed` is (value, low, high), low and high None where it was measured, value None where it is
    not known. `likeness` is equal for layers that differ by times and order only."""

    size_bytes: int
    plain_bytes: int
    blob_bytes: int
    compressed: tuple[float | None, float | None, float | None]
    entries: int
    likeness: str


def layer_facts(scan: LayerScan) -> LayerFacts:
    """The facts of a layer that was just read."""
    size = layer_size(scan)
    known = size.compressed_bytes
    return LayerFacts(
        size.size_bytes,
        scan.plain_bytes,
        scan.blob_bytes,
        (known.value, known.low, known.high),
        len(scan.entries),
        likeness(scan),
    )


def likeness(scan: LayerScan) -> str:
    """A digest over everything that the entries of a layer say, but for times; their order does not matter. Contents enter
    with their 64-bit hash, so that equal likenesses are very probable, and no proof, of equal contents."""
    rows = sorted(
        (
            one.path,
            str(one.kind),
            one.size_bytes,
            one.mode,
            one.uid,
            one.gid,
            one.link,
            one.device or (),
            one.xattrs,
            (one.sparse or b"").hex(),
            one.content,
        )
        for one in scan.entries
    )
    made = hashlib.sha256()
    for row in rows:
        made.update(repr(row).encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def layer_key(diff_id: str, digest: str) -> str:
    """The name of a layer in the store: its blob and what that unpacks to."""
    return f"{digest} {diff_id}"


def chain_key(layers: Sequence[str] | Iterable[str]) -> str:
    """The name of a chain of layers, lowest first."""
    made = hashlib.sha256()
    for key in layers:
        made.update(key.encode() + b"\n")
    return f"sha256:{made.hexdigest()}"
