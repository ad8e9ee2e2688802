"""Which platforms an OCI layout or archive holds, for verbs that treat each of them."""

from contextlib import ExitStack
from pathlib import Path

from tare.core.errors import ImageError, UsageError
from tare.image.digests import verify_bytes
from tare.image.documents import INDEX_TYPES, Descriptor, read_index
from tare.image.limits import DEFAULT_LIMITS, Limits
from tare.image.reference import Transport, parse_reference
from tare.image.sources.archive import open_archive
from tare.image.sources.oci_layout import BlobStore, DirectoryStore, blob_path

_REF_NAME = "org.opencontainers.image.ref.name"


def platforms_of(reference: str, limits: Limits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """The platforms of an index, in its order; attestations are none. Raises `UsageError` for transports that hold one
    platform only, `ImageError` where no platform is named."""
    parsed = parse_reference(reference)
    path = Path(parsed.path)
    with ExitStack() as resources:
        if parsed.transport is Transport.OCI or (parsed.transport is Transport.AUTO and path.is_dir()):
            store: BlobStore = DirectoryStore(path, reference)
        elif parsed.transport is Transport.OCI_ARCHIVE:
            store = open_archive(path, reference, limits, resources)
        else:
            raise UsageError(
                f"{reference} holds one platform", hint="copy the index first: skopeo copy --all … oci:DIR"
            )
        roots = read_index(store.read("index.json", limits.manifest_bytes), reference)
        if parsed.tag:
            roots = tuple(root for root in roots if (root.annotations or {}).get(_REF_NAME) == parsed.tag)
        found = [
            str(one.platform)
            for one in _images(store, roots, reference, limits, limits.index_depth)
            if one.platform
        ]
    names = tuple(dict.fromkeys(name for name in found if name and "unknown" not in name))
    if not names:
        raise ImageError("no platform is named in the index", where=reference, hint="leave --platform out")
    return names


def _images(
    store: BlobStore, descriptors: tuple[Descriptor, ...], what: str, limits: Limits, depth: int
) -> list[Descriptor]:
    if depth <= 0:
        raise ImageError("indexes within indexes without an end", where=what, hint="the image is damaged")
    found: list[Descriptor] = []
    for one in descriptors:
        if one.media_type in INDEX_TYPES:
            raw = store.read(blob_path(one.digest, what), limits.manifest_bytes)
            inner = read_index(verify_bytes(raw, one.digest, f"{what} blob {one.digest}"), what)
            found += _images(store, inner, what, limits, depth - 1)
        else:
            found.append(one)
    return found
