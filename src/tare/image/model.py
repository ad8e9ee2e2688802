"""An image as its manifest and configuration describe it, independent of where it is kept."""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO, Protocol, Self, runtime_checkable

from tare.core.errors import ImageError
from tare.image.digests import verify_bytes
from tare.image.documents import Descriptor, ImageConfig, read_config, read_manifest
from tare.image.limits import DEFAULT_LIMITS, Limits

_NOP = re.compile(r"^/bin/sh -c #\(nop\)\s+")
_RUN_ARGS = re.compile(r"^\|\d+ .*?(?=/bin/sh -c |/bin/bash )", re.DOTALL)


class ImageSource(Protocol):
    """A place that images come from. Everything else is made on top of these four.

    Sources need not verify: `Image` checks every digest. They raise `ImageError` for what is missing.
    """

    def media_type(self) -> str:
        """The manifest's media type."""

    def manifest(self) -> bytes:
        """The manifest as stored, or made up where the format has none (docker-archive)."""

    def config(self) -> bytes:
        """The image configuration as stored."""

    def open_layer(self, layer: Descriptor) -> BinaryIO:
        """The layer's blob as stored, seekable; may be called from several threads at once."""


@runtime_checkable
class Witnessed(Protocol):
    """A source that can tell whether a layer's stored bytes are still those that were read before."""

    def witness(self, layer: Descriptor) -> str | None:
        """A text that changes when the bytes may have changed (the file's identity and times); the empty text where
        nothing is stored here and the digest alone decides; None where only reading tells."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. `digest` names the blob as stored; it equals `diff_id` where only that is known."""

    index: int
    diff_id: str
    digest: str
    media_type: str
    blob_bytes: int
    created_by: str
    instruction: str
    """`created_by` in Dockerfile words: `RUN apt-get update`; empty where the history does not tell."""
    created: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Image:
    """An image opened for reading. Use it in a `with` block, or call `close`: sources hold files."""

    reference: str
    source: ImageSource
    config: ImageConfig
    layers: tuple[Layer, ...]
    limits: Limits = DEFAULT_LIMITS
    _descriptors: tuple[Descriptor, ...] = ()
    _resources: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    def open_blob(self, layer: Layer) -> BinaryIO:
        """The layer's blob as stored (compressed or not), not verified."""
        return self.source.open_layer(self._descriptors[layer.index])

    def witness(self, layer: Layer) -> str | None:
        """See `Witnessed`; None for sources that cannot tell."""
        source = self.source
        return source.witness(self._descriptors[layer.index]) if isinstance(source, Witnessed) else None

    def close(self) -> None:
        """Release files and temporary copies."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def make_image(
    reference: str, source: ImageSource, resources: ExitStack, limits: Limits = DEFAULT_LIMITS
) -> Image:
    """Read manifest and configuration, check them against each other, and pair layers with history."""
    manifest = read_manifest(source.manifest(), source.media_type(), reference)
    raw_config = source.config()
    if len(raw_config) > limits.config_bytes:
        raise ImageError(f"the image configuration has {len(raw_config)} bytes", where=reference)
    verify_bytes(raw_config, manifest.config.digest, f"{reference} configuration")
    config = read_config(raw_config, reference)
    if len(manifest.layers) > limits.layers:
        raise ImageError(f"{len(manifest.layers)} layers, more than {limits.layers}", where=reference)
    if len(manifest.layers) != len(config.diff_ids):
        raise ImageError(
            f"the manifest lists {len(manifest.layers)} layers, the configuration {len(config.diff_ids)}",
            where=reference,
            hint="the image is damaged; save or push it again",
        )
    instructions = history_of_layers(config)
    layers = tuple(
        Layer(
            index=index,
            diff_id=diff_id,
            digest=blob.digest,
            media_type=blob.media_type,
            blob_bytes=blob.size,
            created_by=entry[0],
            instruction=instruction_text(entry[0]),
            created=entry[1],
            comment=entry[2],
        )
        for index, (blob, diff_id, entry) in enumerate(
            zip(manifest.layers, config.diff_ids, instructions, strict=True)
        )
    )
    return Image(reference, source, config, layers, limits, manifest.layers, resources)


def history_of_layers(config: ImageConfig) -> Sequence[tuple[str, str, str]]:
    """For each layer (created_by, created, comment) of the history entry that made it.

    Entries with `empty_layer` made none. Where the counts still differ, the pairing is unknown and every layer
    gets empty texts: a wrong instruction is worse than none.
    """
    made = [(step.created_by, step.created, step.comment) for step in config.history if not step.empty_layer]
    if len(made) != len(config.diff_ids):
        return [("", "", "")] * len(config.diff_ids)
    return made


def instruction_text(created_by: str) -> str:
    """A history text in Dockerfile words, from the forms that the classic builder, BuildKit and Buildah write."""
    text = created_by.strip()
    if not text:
        return ""
    if text.endswith("# buildkit"):
        text = text.removesuffix("# buildkit").rstrip()
        return re.sub(r"^RUN (\|\d+ .*? )?/bin/sh -c ", "RUN ", text, flags=re.DOTALL)
    if _NOP.match(text):
        return _NOP.sub("", text).strip()
    text = _RUN_ARGS.sub("", text)
    if text.startswith("/bin/sh -c "):
        return "RUN " + text.removeprefix("/bin/sh -c ").strip()
    if re.match(r"^(FROM|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|SHELL) ", text):
        return text
    return text
