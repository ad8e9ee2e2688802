"""An image read once: every layer's entries, the merged tree, the packages."""

import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tare.core.events import Event, EventSink, null_sink
from tare.image.catalog import CATALOGS, Catalog, Package
from tare.image.compressibility import Sampler, sampling_step
from tare.image.model import Image, Layer
from tare.image.scan import LayerScan, scan_layer
from tare.image.tree import Tree


@dataclass(frozen=True)
class Analysis:
    """What one pass over all layers gives. `files` holds the visible package databases by path."""

    image: Image
    scans: tuple[LayerScan, ...]
    tree: Tree
    files: dict[str, bytes]
    packages: tuple[Package, ...]


def analyse(
    image: Image,
    *,
    sample: bool = True,
    workers: int | None = None,
    catalogs: Sequence[Catalog] = CATALOGS,
    on_event: EventSink = null_sink,
) -> Analysis:
    """Read each layer once, several at a time, verify its digests, and merge them.

    `sample` takes the shares for an estimate of the compressed size where the layers are not compressed.
    Raises `ImageError`.
    """
    capture = re.compile("|".join(catalog.pattern for catalog in catalogs)).fullmatch if catalogs else None

    def scan(layer: Layer) -> LayerScan:
        name = f"layer {layer.index + 1} of {image.reference} ({layer.digest[:19]})"
        with image.open_blob(layer) as blob:
            return scan_layer(
                blob,
                diff_id=layer.diff_id,
                blob_digest=None if layer.digest == layer.diff_id else layer.digest,
                what=name,
                capture=(lambda path: capture(path) is not None) if capture else (lambda _: False),
                sampler=Sampler(sampling_step(layer.blob_bytes) if sample else 0),
                limits=image.limits,
            )

    tree = Tree()
    scans: list[LayerScan] = []
    with ThreadPoolExecutor(workers or min(4, os.cpu_count() or 1)) as pool:
        pending = [pool.submit(scan, layer) for layer in image.layers]
        try:
            for layer, future in zip(image.layers, pending, strict=True):
                scans.append(future.result())
                tree.apply(scans[-1].entries)
                on_event(Event("detail", f"Read layer {layer.index + 1} of {len(image.layers)}"))
        finally:
            for future in pending:
                future.cancel()
    files = _visible_files(tree, scans)
    packages = tuple(package for catalog in catalogs for package in catalog.read(files))
    return Analysis(image, tuple(scans), tree, files, packages)


def _visible_files(tree: Tree, scans: Sequence[LayerScan]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for index, scan in enumerate(scans):
        for place, content in scan.captured.items():
            path = scan.entries[place].path
            node = tree.get(path)
            if node is not None and node.inode.layer == index and node.inode.place == place:
                found[path] = content
    return found
