"""One image's layers beneath another's, as one image. Nothing is copied: blobs are read from where they are."""

import json
from contextlib import ExitStack
from typing import Any, BinaryIO

from tare.image.digests import digest_of
from tare.image.documents import OCI_CONFIG, OCI_MANIFEST, Descriptor
from tare.image.model import Image, make_image


class StackedSource:
    """Layers of `lower`, then those of `upper`; the configuration is `upper`'s, the history both of theirs."""

    def __init__(self, lower: Image, upper: Image) -> None:
        self._places = {layer.digest: (image, layer) for image in (lower, upper) for layer in image.layers}
        config: dict[str, Any] = json.loads(upper.source.config())
        below: dict[str, Any] = json.loads(lower.source.config())
        layers = [*lower.layers, *upper.layers]
        config["rootfs"] = {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}
        config["history"] = [*(below.get("history") or ()), *(config.get("history") or ())]
        self._config = json.dumps(config, sort_keys=True, separators=(",", ":")).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": OCI_CONFIG, "digest": digest_of(self._config), "size": len(self._config)},
            "layers": [
                {"mediaType": layer.media_type, "digest": layer.digest, "size": layer.blob_bytes}
                for layer in layers
            ],
        }
        self._manifest = json.dumps(manifest).encode()

    def media_type(self) -> str:
        """See `ImageSource`."""
        return OCI_MANIFEST

    def manifest(self) -> bytes:
        """See `ImageSource`."""
        return self._manifest

    def config(self) -> bytes:
        """See `ImageSource`."""
        return self._config

    def open_layer(self, layer: Descriptor) -> BinaryIO:
        """See `ImageSource`."""
        image, found = self._places[layer.digest]
        return image.open_blob(found)


def stacked(lower: Image, upper: Image, reference: str) -> Image:
    """The image of both. It is valid as long as both are open; digests are verified as with every image."""
    return make_image(reference, StackedSource(lower, upper), ExitStack(), lower.limits)
