"""containers-storage read directly: the store of podman, buildah, skopeo and CRI-O, without any of them.

Layout: https://github.com/containers/storage (images.json, layers.json, DRIVER/…), drivers overlay and vfs. The store
keeps layers unpacked; tar-split gives back the exact tar, so that diff IDs can be verified.
"""

import base64
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from tare.core.errors import ImageError, UsageError
from tare.image.access import StorePlace
from tare.image.digests import check_digest_syntax, digest_of, verify_bytes
from tare.image.documents import (
    DOCKER_LAYER,
    INDEX_TYPES,
    OCI_MANIFEST,
    Descriptor,
    Platform,
    read_config,
    read_json,
    read_manifest,
)
from tare.image.limits import MIB, Limits
from tare.image.platforms import choose_platform
from tare.image.reference import DockerName, parse_name
from tare.image.sources.archive import identity
from tare.image.sources.tar_split import TarSplitReader

_DRIVERS = ("overlay", "vfs")
_INDEX_BYTES = 256 * MIB
_PLACE = re.compile(
    r"\[(?:(?P<driver>[a-z0-9]+)@)?(?P<root>/[^+:\]]*)(?:\+[^:\]]*)?(?::[^\]]*)?\](?P<name>.+)"
)


class _StoredImage(msgspec.Struct, frozen=True):
    id: str = ""
    digest: str = ""
    names: list[str] | None = None
    layer: str = ""
    data_names: list[str] | None = msgspec.field(name="big-data-names", default=None)
    data_digests: dict[str, str] | None = msgspec.field(name="big-data-digests", default=None)


class _StoredLayer(msgspec.Struct, frozen=True):
    id: str = ""
    parent: str = ""
    diff_digest: str = msgspec.field(name="diff-digest", default="")
    diff_size: int = msgspec.field(name="diff-size", default=0)


class _Typed(msgspec.Struct, frozen=True):
    media_type: str = msgspec.field(name="mediaType", default="")
    manifests: list[Descriptor] | None = None


class ContainersStore:
    """One store with one driver."""

    def __init__(self, root: Path, driver: str) -> None:
        self.root = root
        self.driver = driver
        self.what = f"containers-storage:[{driver}@{root}]"

    def images(self) -> Sequence[_StoredImage]:
        """All images of the store."""
        path = self.root / f"{self.driver}-images/images.json"
        return read_json(self._read(path, _INDEX_BYTES), list[_StoredImage], str(path))

    def layers(self) -> dict[str, _StoredLayer]:
        """All layers by their ID in the store."""
        found: dict[str, _StoredLayer] = {}
        for name in ("layers.json", "volatile-layers.json"):
            path = self.root / f"{self.driver}-layers/{name}"
            if name == "layers.json" or path.exists():
                listed = read_json(self._read(path, _INDEX_BYTES) or b"[]", list[_StoredLayer], str(path))
                found.update((layer.id, layer) for layer in listed)
        return found

    def data(self, image: _StoredImage, key: str, limit: int) -> bytes:
        """A document that belongs to an image."""
        plain = re.fullmatch(r"[.0-9a-z]+", key)
        name = key if plain else "=" + base64.b64encode(key.encode()).decode()
        if "/" in name or not re.fullmatch(r"[0-9a-f]{64}", image.id):
            raise ImageError(f"an impossible name in the store: {key[:80]!r}", where=self.what)
        return self._read(self.root / f"{self.driver}-images/{image.id}/{name}", limit)

    def open_layer(self, layer_id: str) -> BinaryIO:
        """The tar of a layer."""
        index, folder = self._places(layer_id)
        reader = TarSplitReader(index, folder, f"{self.what} layer {layer_id[:12]}")
        return cast(BinaryIO, io.BufferedReader(reader, 256 << 10))

    def witness(self, layer_id: str) -> str | None:
        """The identity of a layer's tar-split and of its directory; changes deep in the directory do not show."""
        index, folder = self._places(layer_id)
        try:
            return f"{identity(index.stat())} {identity(folder.stat())}"
        except OSError:
            return None

    def _places(self, layer_id: str) -> tuple[Path, Path]:
        if not re.fullmatch(r"[0-9a-f]{64}", layer_id):
            raise ImageError(f"an impossible layer ID in the store: {layer_id[:80]!r}", where=self.what)
        folder = f"overlay/{layer_id}/diff" if self.driver == "overlay" else f"vfs/dir/{layer_id}"
        return self.root / f"{self.driver}-layers/{layer_id}.tar-split.gz", self.root / folder

    def _read(self, path: Path, limit: int) -> bytes:
        try:
            with path.open("rb") as file:
                found = file.read(limit + 1)
        except PermissionError as error:
            raise ImageError(
                f"{path}: permission denied",
                where=self.what,
                hint="run as the store's owner, or within: podman unshare",
            ) from error
        except OSError as error:
            raise ImageError(
                f"{path}: {error.strerror}", where=self.what, hint="pull the image again"
            ) from error
        if len(found) > limit:
            raise ImageError(f"{path} has more than {limit} bytes", where=self.what)
        return found


class ContainersStorageSource:
    """One image of a store. The manifest is made up as for docker-archive: the store keeps plain layers."""

    def __init__(
        self, store: ContainersStore, image: _StoredImage, platform: Platform | None, limits: Limits
    ) -> None:
        self._store = store
        self._what = f"{store.what}{image.id[:12]}"
        manifest = self._manifest_of(image, platform, limits)
        config = read_manifest(manifest, OCI_MANIFEST, self._what).config
        self._config_type = config.media_type
        self._config = verify_bytes(
            store.data(image, config.digest, limits.config_bytes),
            config.digest,
            f"{self._what} configuration",
        )
        self._layers = self._chain(image, limits)
        self._opened: dict[str, str] = {}

    def _manifest_of(self, image: _StoredImage, platform: Platform | None, limits: Limits) -> bytes:
        raw = self._store.data(image, "manifest", limits.manifest_bytes)
        typed = read_json(raw, _Typed, self._what)
        if typed.media_type in INDEX_TYPES or typed.manifests:
            one = choose_platform(typed.manifests or (), platform, self._what)
            check_digest_syntax(one.digest, self._what)
            key = f"manifest-{one.digest}"
            raw = verify_bytes(self._store.data(image, key, limits.manifest_bytes), one.digest, self._what)
        return raw

    def _chain(self, image: _StoredImage, limits: Limits) -> list[_StoredLayer]:
        known = self._store.layers()
        chain: list[_StoredLayer] = []
        at = image.layer
        while at:
            layer = known.get(at)
            if layer is None:
                raise ImageError(f"layer {at[:12]} is missing", where=self._what, hint="pull the image again")
            chain.append(layer)
            if len(chain) > limits.layers:
                raise ImageError(
                    "a chain of layers without an end", where=self._what, hint="the store is damaged"
                )
            at = layer.parent
        return chain[::-1]

    def media_type(self) -> str:
        """An OCI manifest, made up."""
        return OCI_MANIFEST

    def manifest(self) -> bytes:
        """The configuration and the layers with their diff IDs as digests."""
        diff_ids = read_config(self._config, self._what).diff_ids
        if len(diff_ids) != len(self._layers):
            raise ImageError(
                f"{len(self._layers)} layers in the store, {len(diff_ids)} in the configuration",
                where=self._what,
                hint="pull the image again",
            )
        layers = []
        for diff_id, layer in zip(diff_ids, self._layers, strict=True):
            self._opened[diff_id] = layer.id
            layers.append({"mediaType": DOCKER_LAYER, "digest": diff_id, "size": max(0, layer.diff_size)})
        document = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {
                "mediaType": self._config_type,
                "digest": digest_of(self._config),
                "size": len(self._config),
            },
            "layers": layers,
        }
        return msgspec.json.encode(document)

    def config(self) -> bytes:
        """The configuration as stored."""
        return self._config

    def open_layer(self, layer: Descriptor) -> BinaryIO:
        """The layer's tar, put together."""
        return self._store.open_layer(self._opened[layer.digest])

    def witness(self, layer: Descriptor) -> str | None:
        """See `ContainersStore.witness`."""
        return self._store.witness(self._opened[layer.digest])


def find_in_stores(
    text: str, places: Sequence[StorePlace], platform: Platform | None, limits: Limits
) -> ContainersStorageSource | None:
    """The image of that name, digest or ID in the first store that has it; None when none has.

    `text` may begin with `[DRIVER@ROOT]` as skopeo writes it. Raises `ImageError` and `UsageError`.
    """
    places = list(places)
    if text.startswith("["):
        match = _PLACE.fullmatch(text)
        if match is None:
            raise UsageError(
                f"not a reference to a store: {text!r}", hint="containers-storage:[overlay@/path]NAME"
            )
        places = [StorePlace(Path(match["root"]), match["driver"] or "")]
        text = match["name"]
    for store in _stores(places):
        image = _choose(store.images(), text, store.what)
        if image is not None:
            return ContainersStorageSource(store, image, platform, limits)
    return None


def _stores(places: Sequence[StorePlace]) -> list[ContainersStore]:
    found = []
    for place in places:
        for driver in (place.driver,) if place.driver in _DRIVERS else _DRIVERS:
            if (place.graph_root / f"{driver}-images/images.json").is_file():
                found.append(ContainersStore(place.graph_root, driver))
    return found


def _choose(images: Sequence[_StoredImage], text: str, what: str) -> _StoredImage | None:
    bare = text.removeprefix("@").removeprefix("sha256:")
    if re.fullmatch(r"[0-9a-f]{6,64}", bare):
        by_id = [image for image in images if image.id.startswith(bare)]
        if len(by_id) == 1:
            return by_id[0]
        if len(by_id) > 1 and len(bare) < 64:
            raise UsageError(f"{len(by_id)} images begin with {bare}", where=what, hint="give more of the ID")
    if re.fullmatch(r"sha256:[0-9a-f]{64}", text):
        return next((image for image in images if image.digest == text), None)
    wanted = parse_name(text)
    for image in images:
        if any(_names(name, wanted, image) for name in image.names or ()):
            return image
    return None


def _names(stored: str, wanted: DockerName, image: _StoredImage) -> bool:
    try:
        name = parse_name(stored)
    except UsageError:
        return False
    repositories = {(wanted.domain, wanted.repository)}
    if wanted.domain == "docker.io":  # podman build names images without a registry localhost/NAME
        repositories.add(("localhost", wanted.repository.removeprefix("library/")))
    if (name.domain, name.repository) not in repositories:
        return False
    if wanted.digest:
        return wanted.digest in (image.digest, *(image.data_digests or {}).values())
    return (name.tag or "latest") == (wanted.tag or "latest")
