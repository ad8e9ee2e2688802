"""One pass over one layer: its entries, content hashes, digest, package databases, and a share for estimates.

Memory stays small: the plain bytes pass through one buffer, which is hashed for the diff ID as a whole and per
file with xxh3 (identity within this process only; never a proof against an adversary).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, cast

import xxhash

from tare.core.errors import ImageError
from tare.core.io import UNREADABLE, open_stream
from tare.image.compressibility import Sampler
from tare.image.digests import VerifyingReader, check_digest_syntax, mismatch
from tare.image.limits import Limits
from tare.image.tarhead import FILE, Header, padded, read_header

_BUFFER = 1 << 20


class Entry(NamedTuple):
    """A tar header and the xxh3 hash of the content (0 where there is none). See `Header` for the fields."""

    path: str
    kind: str
    size_bytes: int
    stored_bytes: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: str
    device: tuple[int, int] | None
    xattrs: tuple[tuple[str, str], ...]
    sparse: bytes | None
    content: int


@dataclass(frozen=True, slots=True)
class LayerScan:
    """What one pass over a layer found. `captured` maps an entry's place in `entries` to its content."""

    entries: tuple[Entry, ...]
    captured: dict[int, bytes]
    plain_bytes: int
    blob_bytes: int
    compressed: bool
    """The blob was compressed, so `blob_bytes` is what a pull moves."""
    sampler: Sampler
    uncaptured: tuple[int, ...] = ()
    """The places of entries that were wanted but are larger than the limit."""


class _Window:
    """A stream as a buffer that moves on in whole blocks; every byte is shown once to hash and sampler."""

    def __init__(self, stream: BinaryIO, algorithm: str, sampler: Sampler, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._sampler = sampler
        self.hash = hashlib.new(algorithm)
        self.buffer = bytearray(_BUFFER)
        self.view = memoryview(self.buffer)
        self.at = 0
        self.end = 0
        self.total = 0

    def fill(self) -> int:
        """Replace the buffer's content; 0 at the end of the stream."""
        end = 0
        readinto = self._stream.readinto  # type: ignore[attr-defined]
        while end < _BUFFER:
            count = readinto(self.view[end:])
            if not count:
                break
            end += count
        self.at, self.end = 0, end
        if end:
            filled = self.view[:end]
            self.hash.update(filled)
            self._sampler.see(filled, self.total)
            self.total += end
            if self.total > self._limits.layer_bytes:
                raise ImageError(f"the layer unpacks to more than {self._limits.layer_bytes} bytes")
        return end

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        at = self.at
        if at + size <= self.end:
            self.at = at + size
            return bytes(self.view[at : at + size])
        parts = []
        while size:
            if self.at == self.end and not self.fill():
                break
            take = min(size, self.end - self.at)
            parts.append(bytes(self.view[self.at : self.at + take]))
            self.at += take
            size -= take
        return b"".join(parts)


def scan_layer(
    blob: BinaryIO,
    *,
    diff_id: str,
    blob_digest: str | None,
    what: str,
    capture: Callable[[str], bool],
    sampler: Sampler,
    limits: Limits,
) -> LayerScan:
    """Read a layer's blob to its end and check both digests (`blob_digest` None: only the diff ID).

    Raises `ImageError` for wrong digests, broken compression and broken tar, with `what` as the place.
    """
    check_digest_syntax(diff_id, what)
    verifying = VerifyingReader(blob, blob_digest, what)
    try:
        blob_stream = cast(BinaryIO, verifying)
        plain = open_stream(blob_stream)
        if plain is not blob_stream:
            sampler = Sampler(0)  # its compressed size is known
        window = _Window(plain, diff_id.partition(":")[0], sampler, limits)
        entries, captured, uncaptured = _walk(window, capture, limits)
        while window.fill():
            pass
        blob_bytes = verifying.finish()
    except ImageError as error:
        if error.where:
            raise
        hint = error.hint or "the layer is damaged or hostile; fetch or save the image again"
        raise ImageError(error.message, where=what, hint=hint) from error
    except UNREADABLE as error:
        raise ImageError(
            f"the layer cannot be read: {error}", where=what, hint="fetch or save the image again"
        ) from error
    actual = f"{window.hash.name}:{window.hash.hexdigest()}"
    if actual != diff_id:
        raise mismatch(what, diff_id, actual)
    return LayerScan(
        tuple(entries),
        captured,
        window.total,
        blob_bytes,
        plain is not blob_stream,
        sampler,
        tuple(uncaptured),
    )


def _walk(
    window: _Window, capture: Callable[[str], bool], limits: Limits
) -> tuple[list[Entry], dict[int, bytes], list[int]]:
    entries: list[Entry] = []
    uncaptured: list[int] = []
    captured: dict[int, bytes] = {}
    read, hash_of, make = window.read, xxhash.xxh3_64_intdigest, tuple.__new__
    while (header := read_header(read, limits)) is not None:
        content = 0
        stored = header.stored_bytes
        if stored:
            wanted = capture(header.path)
            if wanted and (stored > limits.captured_bytes or header.sparse is not None):
                wanted = False
                uncaptured.append(len(entries))
            at = window.at
            if at + padded(stored) <= window.end and not wanted:
                content = hash_of(window.view[at : at + stored])
                window.at = at + padded(stored)
            else:
                content, kept = _hash_content(window, stored, wanted, header)
                if wanted:
                    captured[len(entries)] = kept
            if header.sparse is not None:
                content = hash_of(header.sparse, seed=content)
        elif header.kind is FILE and capture(header.path):
            captured[len(entries)] = b""
        entries.append(make(Entry, (*header, content)))
        if len(entries) > limits.entries:
            raise ImageError(f"more than {limits.entries} entries in a layer")
    return entries, captured, uncaptured


def _hash_content(window: _Window, stored: int, keep: bool, header: Header) -> tuple[int, bytes]:
    running = xxhash.xxh3_64()
    kept: list[bytes] = []
    left = stored
    while left:
        if window.at == window.end and not window.fill():
            raise ImageError(f"the tar stream ends within {header.path!r}")
        take = min(left, window.end - window.at)
        piece = window.view[window.at : window.at + take]
        running.update(piece)
        if keep:
            kept.append(bytes(piece))
        window.at += take
        left -= take
    if len(window.read(padded(stored) - stored)) < padded(stored) - stored:
        raise ImageError(f"the tar stream ends within {header.path!r}")
    return running.intdigest(), b"".join(kept)
