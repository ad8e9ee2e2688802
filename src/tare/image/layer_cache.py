"""What a pass over a layer found, kept by the layer's digests: a second look does not unpack, parse or sample again.

One file a layer, written aside and renamed, checked by a hash when read: a torn, foreign or old file is no entry. The
oldest go when the folder grows past its limit. Nothing of it is trusted more than the folder itself; see `witness` for
what proves that the bytes at hand are still those that were verified.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
import xxhash
import zstandard

from tare.image.compressibility import Sampler
from tare.image.limits import GIB
from tare.image.model import Layer
from tare.image.scan import Entry, LayerScan
from tare.image.tarhead import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, HARDLINK, SYMLINK

_FORMAT = 1  # raise it when entries, hashes or samples change their meaning
_MAGIC = b"tare layer %d\n" % _FORMAT
_KINDS = (FILE, HARDLINK, SYMLINK, CHARACTER, BLOCK, DIRECTORY, FIFO)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_SUFFIX = ".layer"
_UNPACKED = GIB


class _StoredEntry(msgspec.Struct, array_like=True, gc=False):
    path: bytes
    kind: int
    size_bytes: int
    stored_bytes: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: bytes
    device: tuple[int, int] | None
    xattrs: tuple[tuple[bytes, bytes], ...]
    sparse: bytes | None
    content: int


class _StoredScan(msgspec.Struct, array_like=True):
    witness: str
    plain_bytes: int
    blob_bytes: int
    compressed: bool
    step: int
    shares: list[tuple[int, int]]
    captured: dict[int, bytes]
    uncaptured: tuple[int, ...]
    entries: list[_StoredEntry]


class LayerCache:
    """A folder of layer scans; several processes and threads may use it at once. It never raises for the cache's
    own trouble: a full disk or a missing folder only means that nothing is kept."""

    def __init__(self, folder: Path, limit_bytes: int = 2 * GIB) -> None:
        self._folder = folder / f"layers-{_FORMAT}"
        self._limit = limit_bytes

    def key(self, layer: Layer, pattern: str) -> str:
        """The name of a layer's entry; `pattern` is that of the files that were captured."""
        text = "\0".join((layer.diff_id, layer.digest, pattern))
        return hashlib.sha256(text.encode()).hexdigest()

    def get(self, key: str, *, sampled: bool) -> tuple[LayerScan, str] | None:
        """A scan and the witness of the bytes that it was made from."""
        path = self._folder / f"{key}{_SUFFIX}"
        try:
            raw = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        found = unpack_scan(raw)
        if found is None or (sampled and not found[0].compressed and not found[0].sampler.step):
            return None
        return found

    def put(self, key: str, scan: LayerScan, witness: str) -> None:
        """Keep a scan."""
        packed = pack_scan(scan, witness)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=".", dir=self._folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(packed)
                os.replace(name, self._folder / f"{key}{_SUFFIX}")
            except OSError:
                with suppress(OSError):
                    os.unlink(name)
                raise
            self._shrink()

    def _shrink(self) -> None:
        """Remove what was not used for longest until the rest takes three quarters of the limit."""
        with os.scandir(self._folder) as listed:
            found = sorted(_ages(listed))
        total = sum(size for _, size, _ in found)
        if total <= self._limit:
            return
        for _, size, path in found:
            if total <= self._limit * 3 // 4:
                break
            with suppress(OSError):
                os.unlink(path)
            total -= size


def pack_scan(scan: LayerScan, witness: str = "") -> bytes:
    """A scan as bytes that `unpack_scan` checks: for a file, a database or another machine."""
    stored = _StoredScan(
        witness,
        scan.plain_bytes,
        scan.blob_bytes,
        scan.compressed,
        scan.sampler.step,
        scan.sampler.shares,
        scan.captured,
        scan.uncaptured,
        [_store(entry) for entry in scan.entries],
    )
    packed = zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(stored))
    return _MAGIC + xxhash.xxh3_128_digest(packed) + packed


def unpack_scan(raw: bytes) -> tuple[LayerScan, str] | None:
    """The scan and its witness; None for torn, foreign or old bytes."""
    head = len(_MAGIC)
    if raw[:head] != _MAGIC or xxhash.xxh3_128_digest(raw[head + 16 :]) != raw[head : head + 16]:
        return None
    try:
        plain = zstandard.ZstdDecompressor().decompress(raw[head + 16 :], max_output_size=_UNPACKED)
        stored = msgspec.msgpack.decode(plain, type=_StoredScan)
        return _restore(stored), stored.witness
    except (zstandard.ZstdError, msgspec.DecodeError, IndexError):
        return None


def _ages(listed: Iterable[os.DirEntry[str]]) -> Iterable[tuple[float, int, str]]:
    for one in listed:
        with suppress(OSError):
            status = one.stat(follow_symlinks=False)
            yield status.st_mtime, status.st_size, one.path


def _raw(text: str) -> bytes:
    """Names need not be UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _store(entry: Entry) -> _StoredEntry:
    path, kind, *numbers, link, device, xattrs, sparse, content = entry
    size, stored, mode, uid, gid, mtime = numbers
    pairs = tuple((_raw(key), _raw(value)) for key, value in xattrs) if xattrs else ()
    return _StoredEntry(
        _raw(path),
        _NUMBERS[kind],
        size,
        stored,
        mode,
        uid,
        gid,
        mtime,
        _raw(link),
        device,
        pairs,
        sparse,
        content,
    )


def _restore(stored: _StoredScan) -> LayerScan:
    entries = tuple(
        Entry(
            _text(one.path),
            _KINDS[one.kind],
            one.size_bytes,
            one.stored_bytes,
            one.mode,
            one.uid,
            one.gid,
            one.mtime,
            _text(one.link),
            one.device,
            tuple((_text(key), _text(value)) for key, value in one.xattrs) if one.xattrs else (),
            one.sparse,
            one.content,
        )
        for one in stored.entries
    )
    sampler = Sampler(stored.step, shares=stored.shares)
    return LayerScan(
        entries,
        stored.captured,
        stored.plain_bytes,
        stored.blob_bytes,
        stored.compressed,
        sampler,
        stored.uncaptured,
    )
