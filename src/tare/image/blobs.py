"""From a layer of a draft to its bytes: the tar as a stream, and the blob that it becomes. Nothing is held whole."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from tare.core.errors import ImageError
from tare.image.compress import Compression, compressor
from tare.image.contents import Contents
from tare.image.limits import MIB
from tare.image.mutate import DraftEntry, DraftLayer, KeptLayer, NewLayer, OnDisk
from tare.image.tarwrite import END, header, padding, stored_size


@dataclass(frozen=True, slots=True)
class Blob:
    """A layer as it was written. `digest` and `size_bytes` are the blob's, `diff_id` and `plain_bytes` the tar's."""

    diff_id: str
    digest: str
    media_type: str
    size_bytes: int
    plain_bytes: int
    annotations: dict[str, str] = field(default_factory=dict)


def tar_size(layer: DraftLayer, contents: Contents) -> int:
    """The size of a layer's plain tar, known before it is made."""
    if isinstance(layer, KeptLayer):
        return contents.plain_bytes[layer.index]
    return sum(stored_size(entry.header) for entry in layer.entries) + len(END)


def tar_stream(layer: DraftLayer, contents: Contents) -> Iterator[bytes]:
    """A layer's plain tar in pieces of about a mebibyte."""
    pieces = _kept(layer, contents) if isinstance(layer, KeptLayer) else _made(layer, contents)
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        if size + len(piece) > MIB and held:
            yield b"".join(held)
            held, size = [], 0
        held.append(piece)
        size += len(piece)
    if held:
        yield b"".join(held)


def entry_content(entry: DraftEntry, contents: Contents) -> Iterator[bytes]:
    """What follows the header of an entry, without padding."""
    if entry.content is None:
        return
    for part in entry.content.parts:
        if isinstance(part, bytes):
            yield part
        elif isinstance(part, OnDisk):
            yield from _disk(part)
        elif part[1]:
            assert entry.content.origin is not None
            yield from contents.pieces(entry.content.origin, *part)


def _disk(part: OnDisk) -> Iterator[bytes]:
    seen = 0
    with part.path.open("rb") as file:
        while piece := file.read(MIB):
            seen += len(piece)
            yield piece
    if seen != part.size_bytes:
        raise ImageError(
            f"it had {part.size_bytes} bytes and now has {seen}",
            where=str(part.path),
            hint="leave it alone and try again",
        )


def _made(layer: NewLayer, contents: Contents) -> Iterator[bytes]:
    for entry in layer.entries:
        yield header(entry.header)
        yield from entry_content(entry, contents)
        yield padding(entry.header.size_bytes)
    yield END


def _kept(layer: KeptLayer, contents: Contents) -> Iterator[bytes]:
    at, size = 0, contents.plain_bytes[layer.index]
    while at < size:
        yield contents.raw(layer.index, at, min(MIB, size - at))
        at += MIB


def write_blob(pieces: Iterable[bytes], settings: Compression, target: BinaryIO) -> Blob:
    """Compress a tar into `target`; the digests of both sides are made on the way."""
    plain, stored = hashlib.sha256(), hashlib.sha256()
    plain_bytes = stored_bytes = 0
    packer = compressor(settings)

    def put(data: bytes) -> None:
        nonlocal stored_bytes
        if data:
            stored.update(data)
            stored_bytes += len(data)
            target.write(data)

    for piece in pieces:
        plain.update(piece)
        plain_bytes += len(piece)
        put(packer.compress(piece))
    put(packer.flush())
    return Blob(
        f"sha256:{plain.hexdigest()}",
        f"sha256:{stored.hexdigest()}",
        settings.media_type,
        stored_bytes,
        plain_bytes,
    )
