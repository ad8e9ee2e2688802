"""OCI image layouts, as a directory or as a tar of it: index.json, oci-layout, blobs/ALGORITHM/HEX."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Protocol

from tare.core.errors import ImageError
from tare.image.digests import check_digest_syntax, verify_bytes
from tare.image.documents import (
    INDEX_TYPES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    Platform,
    read_index,
    read_manifest,
)
from tare.image.limits import Limits
from tare.image.platforms import choose_platform
from tare.image.sources.archive import identity

_REF_NAME = "org.opencontainers.image.ref.name"
_CONTAINERD_NAME = "io.containerd.image.name"


class BlobStore(Protocol):
    """Files by their path in the layout."""

    what: str

    def __contains__(self, path: str) -> bool: ...

    def open(self, path: str) -> BinaryIO:
        """A seekable stream; raises `ImageError` when it is missing."""

    def witness(self, path: str) -> str | None:
        """See `Witnessed`."""

    def read(self, path: str, limit: int) -> bytes:
        """A small file; raises `ImageError` when it is missing or larger."""


class DirectoryStore:
    """A layout in a directory."""

    def __init__(self, root: Path, what: str) -> None:
        self._root = root
        self.what = what

    def __contains__(self, path: str) -> bool:
        return (self._root / path).is_file()

    def open(self, path: str) -> BinaryIO:
        """A file of the layout."""
        try:
            descriptor = os.open(self._root / path, os.O_RDONLY | os.O_NONBLOCK)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise OSError(errno.EINVAL, "not a regular file")
            return os.fdopen(descriptor, "rb", buffering=0)
        except OSError as error:
            raise ImageError(
                f"{path}: {error.strerror}", where=self.what, hint="the layout is incomplete; copy it again"
            ) from error

    def witness(self, path: str) -> str | None:
        """The identity of a blob's file."""
        try:
            return identity((self._root / path).stat())
        except OSError:
            return None

    def read(self, path: str, limit: int) -> bytes:
        """A small file of the layout."""
        with self.open(path) as file:
            found = file.read(limit + 1)
        if len(found) > limit:
            raise ImageError(
                f"{path} has more than {limit} bytes", where=self.what, hint="the image is damaged or hostile"
            )
        return found


class OciLayoutSource:
    """One image of a layout. `tag` chooses by the ref name; `platform` chooses within an index."""

    def __init__(self, store: BlobStore, tag: str | None, platform: Platform | None, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        roots = read_index(store.read("index.json", limits.manifest_bytes), store.what)
        chosen = _by_tag(roots, tag, store.what)
        self.names = image_names(chosen)
        """Of the different images that `tag` leaves to choose from."""
        for _ in range(limits.index_depth):
            if len(chosen) == 1 and chosen[0].media_type not in INDEX_TYPES:
                break
            one = chosen[0] if len(chosen) == 1 else choose_platform(chosen, platform, store.what)
            if one.media_type not in INDEX_TYPES:
                chosen = (one,)
                break
            chosen = tuple(read_index(self._blob(one), store.what))
        else:
            raise ImageError(
                "indexes within indexes without an end", where=store.what, hint="the image is damaged"
            )
        self._descriptor = chosen[0]
        self._manifest = self._blob(self._descriptor)

    def _blob(self, descriptor: Descriptor) -> bytes:
        raw = self._store.read(blob_path(descriptor.digest, self._store.what), self._limits.manifest_bytes)
        return verify_bytes(raw, descriptor.digest, f"{self._store.what} blob {descriptor.digest}")

    def media_type(self) -> str:
        """The manifest's media type, from its descriptor."""
        return self._descriptor.media_type or OCI_MANIFEST

    def manifest(self) -> bytes:
        """The manifest's bytes."""
        return self._manifest

    def config(self) -> bytes:
        """The configuration's bytes."""
        manifest = read_manifest(self._manifest, self.media_type(), self._store.what)
        return self._store.read(
            blob_path(manifest.config.digest, self._store.what), self._limits.config_bytes
        )

    def open_layer(self, layer: Descriptor) -> BinaryIO:
        """The layer's blob."""
        path = blob_path(layer.digest, self._store.what)
        if path not in self._store and layer.urls:
            raise ImageError(
                f"layer {layer.digest} is foreign: the image only names where to get it",
                where=self._store.what,
                hint=f"fetch it from {layer.urls[0]}",
            )
        return self._store.open(path)

    def witness(self, layer: Descriptor) -> str | None:
        """The identity of the layer's blob."""
        return self._store.witness(blob_path(layer.digest, self._store.what))


def blob_path(digest: str, what: str) -> str:
    """Where a layout keeps a blob."""
    return "blobs/" + check_digest_syntax(digest, what).replace(":", "/", 1)


def is_index(descriptor: Descriptor) -> bool:
    """Whether it names an index (or a Docker manifest list)."""
    return descriptor.media_type in (OCI_INDEX, *INDEX_TYPES)


def _by_tag(roots: tuple[Descriptor, ...], tag: str | None, what: str) -> tuple[Descriptor, ...]:
    if not roots:
        raise ImageError(
            "index.json names no image", where=what, hint="the layout is incomplete; copy it again"
        )
    if tag is None:
        return roots
    found = tuple(root for root in roots if tag in _names(root))
    if not found:
        names = sorted({name for root in roots for name in _names(root)})
        raise ImageError(f"no image {tag!r}", where=what, hint=f"it holds {', '.join(names) or 'no names'}")
    return found


def image_names(roots: tuple[Descriptor, ...]) -> tuple[str, ...]:
    """One name for each different image among what index.json names. Roots without a name are the platforms of one image,
    or images that nothing can tell apart."""
    found: dict[str, str] = {}
    for root in roots:
        names = _names(root)
        if names:
            found.setdefault(root.digest, names[0])
    return tuple(found.values())


def _names(descriptor: Descriptor) -> tuple[str, ...]:
    notes = descriptor.annotations or {}
    return tuple(notes[key] for key in (_REF_NAME, _CONTAINERD_NAME) if key in notes)
