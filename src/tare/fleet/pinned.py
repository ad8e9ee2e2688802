"""An image source made of documents that are known already."""

from typing import BinaryIO

from tare.core.errors import ImageError
from tare.fleet.registries import Registries
from tare.fleet.tasks import Pinned
from tare.image.documents import Descriptor
from tare.image.sources.registry import open_blob


class PinnedSource:
    """An image whose documents are known; its layers come from its registry, or from nowhere."""

    def __init__(self, image: Pinned, registries: Registries | None) -> None:
        self._image = image
        self._registries = registries

    def media_type(self) -> str:
        """The manifest's media type."""
        return self._image.media_type

    def manifest(self) -> bytes:
        """The manifest's bytes."""
        return self._image.manifest

    def config(self) -> bytes:
        """The configuration's bytes."""
        return self._image.config

    def open_layer(self, layer: Descriptor) -> BinaryIO:
        """The blob by its digest."""
        if self._registries is None or self._image.endpoint is None:
            raise ImageError("its scan is missing", where=layer.digest, hint="run again")
        session = self._registries.session(self._image.endpoint)
        return open_blob(session, layer, self._registries.patience)
