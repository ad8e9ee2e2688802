"""An image read once: every layer's entries, the merged tree, the packages."""

import gc
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tare.core.errors import ImageError
from tare.core.events import Event, EventSink, null_sink
from tare.image.catalog import CATALOGS, Catalog, Package
from tare.image.compressibility import Sampler, sampling_step
from tare.image.digests import VerifyingReader
from tare.image.layer_cache import LayerCache
from tare.image.model import Image, Layer
from tare.image.scan import LayerScan, scan_layer
from tare.image.tree import Tree

_NEVER = "-"  # the witness of bytes that only reading can tell


@dataclass(frozen=True)
class Analysis:
    """What one pass over all layers gives. `files` holds the visible package databases by path."""

    image: Image
    scans: tuple[LayerScan, ...]
    tree: Tree
    files: dict[str, bytes]
    packages: tuple[Package, ...]
    problems: tuple[ImageError, ...] = ()
    """Package databases that are broken or too large: what they hold is unknown, and not absent."""


def analyse(
    image: Image,
    *,
    sample: bool = True,
    workers: int | None = None,
    catalogs: Sequence[Catalog] = CATALOGS,
    cache: LayerCache | None = None,
    known: Mapping[tuple[str, str], LayerScan] | None = None,
    on_event: EventSink = null_sink,
) -> Analysis:
    """Read each layer once, several at a time, verify its digests, and merge them.

    `sample` takes the shares for an estimate of the compressed size where the layers are not compressed. `cache`
    gives back what an earlier pass found; the stored bytes are still verified, unless their file did not change
    since. `known` are scans by diff ID and digest that were verified in another image just now: such layers are not
    read again. Raises `ImageError`.
    """
    pattern = capture_pattern(catalogs)

    def scan(layer: Layer) -> LayerScan:
        shared = known.get((layer.diff_id, layer.digest)) if known else None
        if shared is not None:
            return shared
        if cache is None:
            return read_layer(image, layer, pattern, sample=sample)
        key, witness = cache.key(layer, pattern), image.witness(layer)
        kept = cache.get(key, sampled=sample)
        if kept is not None and (witness == kept[1] or _is_still(image, layer)):
            if witness is not None and witness != kept[1]:
                cache.put(key, kept[0], witness)
            return kept[0]
        found = read_layer(image, layer, pattern, sample=sample)
        cache.put(key, found, _NEVER if witness is None else witness)
        return found

    tree = Tree()
    scans: list[LayerScan] = []
    with _no_collection(), ThreadPoolExecutor(workers or min(4, os.cpu_count() or 1)) as pool:
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
    packages, problems = _packages(catalogs, files)
    problems += _too_large(tree, scans)
    return Analysis(image, tuple(scans), tree, files, tuple(_filled(packages, tree)), tuple(problems))


def capture_pattern(catalogs: Sequence[Catalog]) -> str:
    """Which files a pass over a layer keeps for these catalogs; '' for none."""
    return "|".join(catalog.pattern for catalog in catalogs)


def read_layer(image: Image, layer: Layer, pattern: str, *, sample: bool = True) -> LayerScan:
    """Read one layer to its end and verify it. Files whose whole path fits `pattern` are kept. Raises `ImageError`."""
    capture = re.compile(pattern).fullmatch if pattern else None
    with image.open_blob(layer) as blob:
        return scan_layer(
            blob,
            diff_id=layer.diff_id,
            blob_digest=None if layer.digest == layer.diff_id else layer.digest,
            what=_name(image, layer),
            capture=(lambda path: capture(path) is not None) if capture else (lambda _: False),
            sampler=Sampler(sampling_step(layer.blob_bytes) if sample else 0),
            limits=image.limits,
        )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the collector of cycles: there are none here, and it would go over all entries again and again."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _name(image: Image, layer: Layer) -> str:
    return f"layer {layer.index + 1} of {image.reference} ({layer.digest[:19]})"


def _is_still(image: Image, layer: Layer) -> bool:
    """Whether the stored bytes have their digest; raises `ImageError` when not."""
    with image.open_blob(layer) as blob:
        reader = VerifyingReader(blob, layer.digest, _name(image, layer))
        try:
            return reader.finish() >= 0
        except OSError as error:
            raise ImageError(
                f"the layer cannot be read: {error}", where=_name(image, layer), hint="save the image again"
            ) from error


def _packages(
    catalogs: Sequence[Catalog], files: Mapping[str, bytes]
) -> tuple[list[Package], list[ImageError]]:
    packages: list[Package] = []
    problems: list[ImageError] = []
    for catalog in catalogs:
        try:
            packages.extend(catalog.read(files))
        except ImageError as error:
            problems.append(error)
    return packages, problems


def _filled(packages: Sequence[Package], tree: Tree) -> Iterator[Package]:
    """Packages that own a folder get the files beneath it; an inner package's folder is its own."""
    folders = {package.folder for package in packages if package.folder}
    for package in packages:
        node = tree.get(package.folder) if package.folder else None
        if node is None:
            yield package
            continue
        files: list[str] = []
        stack = [node]
        while stack:
            for child in (stack.pop().children or {}).values():
                if child.children is None:
                    files.append(child.path)
                elif child.path not in folders:
                    stack.append(child)
        yield replace(package, files=tuple(sorted(files)))


def _too_large(tree: Tree, scans: Sequence[LayerScan]) -> list[ImageError]:
    found = []
    for index, scan in enumerate(scans):
        for place in scan.uncaptured:
            entry = scan.entries[place]
            if _shown(tree, entry.path, index, place):
                message = f"a package database of {entry.size_bytes} bytes, which is too large or sparse"
                found.append(ImageError(message, where=entry.path, hint="its packages are not known"))
    return found


def _shown(tree: Tree, path: str, layer: int, place: int) -> bool:
    node = tree.get(path)
    return node is not None and node.inode.layer == layer and node.inode.place == place


def _visible_files(tree: Tree, scans: Sequence[LayerScan]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for index, scan in enumerate(scans):
        for place, content in scan.captured.items():
            path = scan.entries[place].path
            if _shown(tree, path, index, place):
                found[path] = content
    return found
