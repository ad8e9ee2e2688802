"""eStargz layers, made as their specification says (stargz-snapshotter, docs/estargz.md): a gzip file of many members, in which
each regular file's content begins a member of its own; a table of contents as the last tar entry; a footer that says where."""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from struct import pack
from typing import Any

TOC = "stargz.index.json"
LANDMARK = ".no.prefetch.landmark"
TOC_DIGEST = "containerd.io/snapshot/stargz/toc.digest"
FOOTER_BYTES = 51
_TYPES = {
    tarfile.REGTYPE: "reg",
    tarfile.DIRTYPE: "dir",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
    tarfile.CHRTYPE: "char",
    tarfile.BLKTYPE: "block",
    tarfile.FIFOTYPE: "fifo",
}


class _Members:
    """The blob; what is written between two `cut`s is one gzip member."""

    def __init__(self) -> None:
        self.blob = b""
        self.plain = b""
        self._open = b""

    def write(self, data: bytes) -> None:
        self._open += data

    def cut(self) -> int:
        """End the member; the place where the next begins."""
        if self._open:
            self.blob += gzip.compress(self._open, mtime=0)
            self.plain += self._open
            self._open = b""
        return len(self.blob)


def estargz(tar: bytes) -> tuple[bytes, bytes, str]:
    """A layer's tar as (plain tar with the table of contents, blob, digest of the table)."""
    members = _Members()
    entries: list[dict[str, Any]] = []
    mark = tarfile.TarInfo(LANDMARK)
    mark.size = 1
    contents: list[tuple[tarfile.TarInfo, bytes]] = [(mark, b"\xf0")]
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for info in archive:
            file = archive.extractfile(info) if info.isreg() else None
            contents.append((info, file.read() if file else b""))
    for info, data in contents:
        members.write(info.tobuf(tarfile.PAX_FORMAT))
        entry: dict[str, Any] = {
            "name": info.name + ("/" if info.isdir() else ""),
            "type": _TYPES[info.type],
            "modtime": datetime.fromtimestamp(info.mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "mode": info.mode,
            "uid": info.uid,
            "gid": info.gid,
        }
        if info.linkname:
            entry["linkName"] = info.linkname
        if info.isreg():
            entry |= {"size": len(data), "digest": _digest(data)}
            if data:
                entry |= {"offset": members.cut(), "chunkDigest": _digest(data)}
                members.write(data + bytes(-len(data) % 512))
        entries.append(entry)
    table = json.dumps({"version": 1, "entries": entries}, indent=1).encode()
    start = members.cut()
    info = tarfile.TarInfo(TOC)
    info.size = len(table)
    members.write(info.tobuf(tarfile.USTAR_FORMAT) + table + bytes(-len(table) % 512) + bytes(1024))
    members.cut()
    return members.plain, members.blob + footer(start), _digest(table)


def footer(start: int) -> bytes:
    """An empty gzip member whose extra field `SG` says where the table's member begins."""
    field = f"{start:016x}STARGZ".encode()
    head = b"\x1f\x8b\x08\x04" + bytes(4) + b"\x00\xff" + pack("<H", len(field) + 4)
    return head + b"SG" + pack("<H", len(field)) + field + b"\x01\x00\x00\xff\xff" + bytes(8)


def table_of(blob: bytes) -> Mapping[str, Any]:
    """The table of contents as a client finds it: from the footer, without reading the rest."""
    tail = blob[-FOOTER_BYTES:]
    assert tail[12:14] == b"SG" and tail[32:38] == b"STARGZ"
    start = int(tail[16:32], 16)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(blob[start:]))) as archive:
        file = archive.extractfile(TOC)
        assert file is not None
        found: Mapping[str, Any] = json.loads(file.read())
        return found


def content_at(blob: bytes, entry: Mapping[str, Any]) -> bytes:
    """One file's bytes, from its own member."""
    data = zlib.decompressobj(31).decompress(blob[entry["offset"] :], entry["size"])
    return data


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
