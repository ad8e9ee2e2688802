"""The facts about an image that reports and comparisons show."""

from tare.core.events import EventSink, null_sink
from tare.image.analysis import Analysis, analyse
from tare.image.catalog import Package
from tare.image.compressibility import estimate_compressed
from tare.image.model import Image
from tare.image.tarhead import FILE
from tare.image.tree import Tree
from tare.schema.image import ImageFacts, LayerFacts, PackageFacts
from tare.schema.quantity import Quantity, measured, unknown

_BLOBS = "compressed layers as stored"


def facts(image: Image, *, compressed: bool = True, on_event: EventSink = null_sink) -> ImageFacts:
    """Facts about an image in one pass over its layers; raises `ImageError`.

    The compressed size is measured where the layers are stored compressed, else estimated from a sample
    (about a CPU second); `compressed=False` leaves it unknown then.
    """
    return facts_of(analyse(image, sample=compressed, on_event=on_event))


def facts_of(analysis: Analysis) -> ImageFacts:
    """The facts of an image that was read already."""
    image, config = analysis.image, analysis.image.config
    layers = tuple(
        LayerFacts(
            diff_id=layer.diff_id,
            created_by=layer.instruction or layer.created_by,
            size_bytes=sum(entry.size_bytes for entry in scan.entries if entry.kind is FILE),
            compressed_bytes=scan.blob_bytes if scan.compressed else None,
        )
        for layer, scan in zip(image.layers, analysis.scans, strict=True)
    )
    hidden = sum(gone.inode.entry.size_bytes for gone in analysis.tree.hidden)
    return ImageFacts(
        reference=image.reference,
        size_bytes=measured(sum(layer.size_bytes for layer in layers), "file bytes of all layers"),
        compressed_bytes=compressed_size(analysis),
        hidden_bytes=measured(hidden, "file bytes that no path shows"),
        layers=layers,
        packages=tuple(package_facts(package, analysis.tree) for package in analysis.packages),
        user=config.user,
        healthcheck=bool(config.healthcheck),
        entrypoint=config.entrypoint,
        cmd=config.cmd,
        env=config.env,
        exposed_ports=config.exposed_ports,
        workdir=config.workdir,
    )


def compressed_size(analysis: Analysis) -> Quantity:
    """What a first pull moves: stored sizes, plus an estimate for the layers that are stored uncompressed."""
    stored = [scan for scan in analysis.scans if scan.compressed]
    plain = [scan for scan in analysis.scans if not scan.compressed]
    total = measured(sum(scan.blob_bytes for scan in stored), _BLOBS)
    if not plain:
        return total
    if any(scan.plain_bytes and not scan.sampler.shares for scan in plain):
        return unknown("the layers are stored uncompressed")
    estimate = estimate_compressed((scan.plain_bytes, scan.sampler.shares) for scan in plain)
    return total + estimate if stored else estimate


def package_facts(package: Package, tree: Tree) -> PackageFacts:
    """A package with the bytes that its files really take; the database's figure where it lists no files."""
    sizes = {
        id(node.inode): node.inode.entry.size_bytes
        for path in package.files
        if (node := tree.resolve(path)) is not None and node.inode.entry.kind is FILE
    }
    size = sum(sizes.values()) if sizes or package.files else package.declared_bytes
    return PackageFacts(package.manager, package.name, package.version, size)
