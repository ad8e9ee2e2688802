"""Tar entries as bytes: ustar with PAX records where ustar has no room. The same entry always gives the same bytes.

Format: POSIX.1-2008 pax; extended attributes as `SCHILY.xattr.NAME`, which is what the engines write and read.
"""

from dataclasses import dataclass
from struct import pack

from tare.image.tarhead import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, HARDLINK, SYMLINK

_FLAGS = {
    FILE: b"0",
    HARDLINK: b"1",
    SYMLINK: b"2",
    CHARACTER: b"3",
    BLOCK: b"4",
    DIRECTORY: b"5",
    FIFO: b"6",
}
_OCTAL_7 = 0o7777777
_OCTAL_11 = 0o77777777777
END = bytes(1024)


@dataclass(frozen=True, slots=True)
class TarEntry:
    """What a header says. `path` and `link` are from the root without a leading slash (a symbolic link's `link` is
    its text); `size_bytes` is what follows the header."""

    path: str
    kind: str
    size_bytes: int = 0
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    link: str = ""
    device: tuple[int, int] | None = None
    xattrs: tuple[tuple[str, str], ...] = ()


def header(entry: TarEntry) -> bytes:
    """The header blocks of an entry, before its content."""
    name = _raw(entry.path) or b"."
    if entry.kind is DIRECTORY or entry.kind == DIRECTORY:
        name += b"/"
    link = _raw(entry.link)
    records: dict[str, bytes] = {}
    if len(name) > 100 or not name.isascii():
        records["path"] = name
    if len(link) > 100 or not link.isascii():
        records["linkpath"] = link
    if not 0 <= entry.uid <= _OCTAL_7:
        records["uid"] = str(entry.uid).encode()
    if not 0 <= entry.gid <= _OCTAL_7:
        records["gid"] = str(entry.gid).encode()
    if not 0 <= entry.size_bytes <= _OCTAL_11:
        records["size"] = str(entry.size_bytes).encode()
    if not 0 <= entry.mtime <= _OCTAL_11:
        records["mtime"] = str(entry.mtime).encode()
    for key, value in entry.xattrs:
        records[f"SCHILY.xattr.{key}"] = _raw(value)
    block = _block(name, link, entry, _FLAGS[entry.kind])
    if not records:
        return block
    body = b"".join(_record(key, value) for key, value in sorted(records.items()))
    head = _block(b"PaxHeaders.0/" + name[-80:], b"", TarEntry("", FILE, len(body)), b"x")
    return head + body + bytes(-len(body) % 512) + block


def padding(size_bytes: int) -> bytes:
    """What follows content of this size."""
    return bytes(-size_bytes % 512)


def stored_size(entry: TarEntry) -> int:
    """Bytes of header, content and padding."""
    return len(header(entry)) + entry.size_bytes + (-entry.size_bytes % 512)


def _block(name: bytes, link: bytes, entry: TarEntry, flag: bytes) -> bytes:
    major, minor = entry.device or (0, 0)
    uid = entry.uid if 0 <= entry.uid <= _OCTAL_7 else 0
    gid = entry.gid if 0 <= entry.gid <= _OCTAL_7 else 0
    size = entry.size_bytes if entry.size_bytes <= _OCTAL_11 else 0
    mtime = entry.mtime if 0 <= entry.mtime <= _OCTAL_11 else 0
    fields = (
        _fit(name),
        b"%07o\0" % entry.mode,
        b"%07o\0" % uid,
        b"%07o\0" % gid,
        b"%011o\0" % size,
        b"%011o\0" % mtime,
        b"        ",
        flag,
        _fit(link),
        b"ustar\x0000",
        b"",
        b"",
        b"%07o\0" % major,
        b"%07o\0" % minor,
        b"",
    )
    block = pack("100s8s8s8s12s12s8s1s100s8s32s32s8s8s167s", *fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _fit(name: bytes) -> bytes:
    """What a reader without PAX would see: ASCII, cut to the field."""
    return bytes(byte if byte < 128 else 0x5F for byte in name[:100]) if not name.isascii() else name[:100]


def _record(key: str, value: bytes) -> bytes:
    rest = b" " + key.encode("utf-8", "surrogateescape") + b"=" + value + b"\n"
    size = len(rest) + 1
    while len(str(size)) + len(rest) != size:
        size = len(str(size)) + len(rest)
    return str(size).encode() + rest


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
