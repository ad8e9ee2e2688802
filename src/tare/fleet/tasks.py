"""What a worker is asked, and what it answers: plain values, so that they can go to another process or machine."""

from dataclasses import dataclass

from tare.core.errors import TareError
from tare.fleet.facts import ChainFacts, LayerFacts, layer_key
from tare.fleet.registries import Endpoint
from tare.image.digests import digest_of
from tare.image.documents import ImageConfig, Manifest, read_config, read_manifest


@dataclass(frozen=True, slots=True)
class Pinned:
    """An image by its bytes: what its tag says later no longer matters. `endpoint` is None for all but registries."""

    reference: str
    media_type: str
    manifest: bytes
    config: bytes
    platform: str
    endpoint: Endpoint | None = None

    @property
    def digest(self) -> str:
        """The manifest's digest, which stands for the image."""
        return digest_of(self.manifest)

    def read(self) -> tuple[Manifest, ImageConfig]:
        """Both documents. Raises `ImageError`."""
        return (
            read_manifest(self.manifest, self.media_type, self.reference),
            read_config(self.config, self.reference),
        )

    def layers(self) -> tuple[str, ...]:
        """The keys of its layers, lowest first."""
        manifest, config = self.read()
        return tuple(
            layer_key(diff_id, blob.digest)
            for blob, diff_id in zip(manifest.layers, config.diff_ids, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be had."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ReadTask:
    """Read some layers (places from 0) of an image."""

    id: str
    image: Pinned
    places: tuple[int, ...]

    @property
    def host(self) -> str:
        """The registry that it burdens; '' for none."""
        return self.image.endpoint[0] if self.image.endpoint else ""


@dataclass(frozen=True, slots=True)
class SurveyTask:
    """Merge the lowest `layers` layers of an image, whose scans come along."""

    id: str
    image: Pinned
    scans: tuple[bytes, ...]

    host = ""


@dataclass(frozen=True, slots=True)
class ReadLayer:
    """A layer that was read: its scan as `pack_scan` makes it."""

    key: str
    packed: bytes
    facts: LayerFacts


@dataclass(frozen=True, slots=True)
class LayersRead:
    """What became of each layer of a `ReadTask`."""

    layers: tuple[ReadLayer, ...]
    failures: tuple[tuple[str, Failure], ...]


Task = ReadTask | SurveyTask
Outcome = LayersRead | ChainFacts | Failure


def failure_of(error: TareError | OSError | MemoryError) -> Failure:
    """An error as a value."""
    if isinstance(error, TareError):
        return Failure(str(error), error.hint or "")
    if isinstance(error, MemoryError):
        return Failure("not enough memory", "fewer workers: --workers 1")
    return Failure(error.strerror or str(error) or type(error).__name__)
