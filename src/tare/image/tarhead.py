"""Tar headers as Go's archive/tar reads them (ustar, PAX, GNU), because the engines unpack layers with it.

Written for speed: a layer has tens of thousands of headers, and `tarfile` needs some 60 microseconds for each.
Format: POSIX.1-2008 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

import posixpath
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from zlib import adler32

from tare.core.errors import ImageError
from tare.image.limits import Limits

FILE, HARDLINK, SYMLINK, CHARACTER, BLOCK, DIRECTORY, FIFO = (
    "file",
    "hardlink",
    "symlink",
    "character",
    "block",
    "directory",
    "fifo",
)
_KINDS = {
    0x30: FILE,
    0x00: FILE,
    0x37: FILE,
    0x53: FILE,
    0x31: HARDLINK,
    0x32: SYMLINK,
    0x33: CHARACTER,
    0x34: BLOCK,
    0x35: DIRECTORY,
    0x36: FIFO,
}
_OCTAL = re.compile(rb"[0-7]{11}").fullmatch
_GNU_SPARSE = 0x53
_BLOCK = 512
_ZERO = bytes(_BLOCK)
_MAX_SIZE = 1 << 62


class Header(NamedTuple):
    """One entry without its content. A tuple and not a dataclass: layers have hundreds of thousands.

    `path` and `link` are relative to the root, cleaned, undecodable bytes as surrogates; the root is the
    empty path. `size_bytes` is the file's size, `stored_bytes` what the tar holds of it (less if sparse).
    """

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


def read_header(read: Callable[[int], bytes], limits: Limits) -> Header | None:
    """The next header; None at the end of the archive. `read(n)` gives n bytes, or fewer at the end of the
    stream. Raises `ImageError` without a place; the caller knows which archive it is."""
    pax: dict[str, str] = {}
    long_name = long_link = ""
    while True:
        block = read(_BLOCK)
        if not block:
            if pax or long_name or long_link:
                raise ImageError("the tar stream ends after an extension header")
            return None
        if len(block) < _BLOCK:
            raise ImageError("the tar stream ends within a header")
        if block[0] == 0 and block == _ZERO:
            following = read(_BLOCK)
            if following and following != _ZERO[: len(following)]:
                raise ImageError("data after a lone zero block in the tar stream")
            return None
        _check_sum(block)
        kind = block[156]
        if kind == 0x78 or kind == 0x67:  # x: for the next entry; g: for all, which the engines ignore
            records = _read_extension(block, read, limits)
            if kind == 0x78:
                pax = parse_pax(records)
            continue
        if kind == 0x4C:
            long_name = _text(_read_extension(block, read, limits).partition(b"\0")[0])
            continue
        if kind == 0x4B:
            long_link = _text(_read_extension(block, read, limits).partition(b"\0")[0])
            continue
        return _entry(block, read, pax, long_name, long_link)


def _entry(
    block: bytes, read: Callable[[int], bytes], pax: dict[str, str], long_name: str, long_link: str
) -> Header:
    flag = block[156]
    kind = _KINDS.get(flag)
    if kind is None:
        raise ImageError(f"unknown tar entry type {chr(flag)!r}")
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0" and block[345]:
        name = block[345:500].partition(b"\0")[0] + b"/" + name
    text = name.decode("utf-8", "surrogateescape")
    link = _text(block[157:257].partition(b"\0")[0]) if block[157] else ""
    digits = block[124:135]
    size = int(digits, 8) if _OCTAL(digits) and block[135] in b"\0 " else _number(block[124:136])
    mode, uid, gid = _owner(block[100:124])
    mtime = _time(block[136:148])
    xattrs: tuple[tuple[str, str], ...] = ()
    sparse: bytes | None = None
    real: int | None = None
    if pax:
        text = pax.get("path", text)
        link = pax.get("linkpath", link)
        size = _decimal(pax, "size", size)
        uid, gid = _decimal(pax, "uid", uid), _decimal(pax, "gid", gid)
        if "mtime" in pax:
            mtime = _seconds(pax["mtime"])
        xattrs = tuple(sorted((k[13:], v) for k, v in pax.items() if k.startswith("SCHILY.xattr.")))
        if any(key.startswith("GNU.sparse.") for key in pax):
            text = pax.get("GNU.sparse.name", text)
            real = _decimal(pax, "GNU.sparse.realsize", _decimal(pax, "GNU.sparse.size", size))
            sparse = repr(sorted((k, v) for k, v in pax.items() if k.startswith("GNU.sparse.m"))).encode()
    text, link = long_name or text, long_link or link
    if "\0" in text or "\0" in link:
        raise ImageError("a NUL within a path in a tar header")
    if flag == 0 and text.endswith("/"):
        kind = DIRECTORY
    if kind is FILE:
        if flag == _GNU_SPARSE:
            real, sparse = _number(block[483:495]), _gnu_sparse(block, read)
        stored = size
        size = stored if real is None else real
    else:
        stored = size = 0
    device = (
        (_number(block[329:337]), _number(block[337:345])) if kind is CHARACTER or kind is BLOCK else None
    )
    if not 0 <= size < _MAX_SIZE or not 0 <= stored < _MAX_SIZE:
        raise ImageError(f"impossible size {size} of {text!r}")
    if kind is HARDLINK:
        link = clean_path(link)
    cleaned = clean_path(text)
    fields = (cleaned, kind, size, stored, mode & 0o7777, uid, gid, mtime, link, device, xattrs, sparse)
    return tuple.__new__(Header, fields)  # half the price of a call


def clean_path(path: str) -> str:
    """A tar path relative to the root, without `.`, `..`, doubled and outer slashes. Above the root is the root, as
    everywhere; a relative path that leads out raises `ImageError`."""
    if path.endswith("/") and len(path) > 1:
        path = path.rstrip("/") or "/"
    if path and path[0] not in "./" and "/." not in path and "//" not in path:
        return path
    if path.startswith("/"):
        return posixpath.normpath("/" + path.lstrip("/")).lstrip("/")
    cleaned = posixpath.normpath(path or ".")
    if cleaned == ".." or cleaned.startswith("../"):
        raise ImageError(f"a path that leads out of the root: {path!r}")
    return "" if cleaned == "." else cleaned


def parse_pax(records: bytes) -> dict[str, str]:
    """The records of a PAX header (`length key=value newline`)."""
    found: dict[str, str] = {}
    at = 0
    while at < len(records):
        space = records.find(b" ", at, at + 20)
        digits = records[at:space]
        if space < 0 or not digits.isdigit():
            raise ImageError("a broken PAX header")
        end = at + int(digits)
        key, equals, value = records[space + 1 : end - 1].partition(b"=")
        if end > len(records) or end <= space or records[end - 1] != 0x0A or not equals:
            raise ImageError("a broken PAX header")
        name = _text(key)
        if name in ("GNU.sparse.offset", "GNU.sparse.numbytes"):  # format 0.0 repeats its keys
            name, value = "GNU.sparse.map", found.get("GNU.sparse.map", "").encode() + b"," + value
        found[name] = _text(value)
        at = end
    return found


def _read_extension(block: bytes, read: Callable[[int], bytes], limits: Limits) -> bytes:
    size = _number(block[124:136])
    if not 0 <= size <= limits.header_bytes:
        raise ImageError(f"an extension header of {size} bytes", hint="the archive is damaged or hostile")
    content = read(padded(size))
    if len(content) < size:
        raise ImageError("the tar stream ends within an extension header")
    return content[:size]


def _gnu_sparse(block: bytes, read: Callable[[int], bytes]) -> bytes:
    parts = [block[386:482]]
    extended = block[482]
    while extended:
        more = read(_BLOCK)
        if len(more) < _BLOCK or len(parts) > 20_000:
            raise ImageError("a broken sparse map in the tar stream")
        parts.append(more[:504])
        extended = more[504]
    return b"".join(parts)


def padded(size: int) -> int:
    """A size rounded up to whole blocks."""
    return (size + 511) & ~511


def _check_sum(block: bytes) -> None:
    # adler32's low half is one plus the sum of the bytes, modulo 65521: a sum in C without a dependency.
    try:
        stored = int(block[148:154], 8)
    except ValueError:
        stored = _odd_check_sum(block)
    if (
        adler32(block[156:], adler32(block[:148])) & 0xFFFF != (stored - 255) % 65521
    ):  # eight spaces, less one
        signed = sum(byte - 256 if byte > 127 else byte for byte in block[:148] + block[156:]) + 256
        if signed != stored:
            raise ImageError("not a tar header: its checksum is wrong")


def _odd_check_sum(block: bytes) -> int:
    try:
        return _number(block[148:156])
    except ImageError:
        raise ImageError("not a tar header: its checksum is wrong") from None


@lru_cache(4096)
def _owner(fields: bytes) -> tuple[int, int, int]:
    """Mode, user and group: the same few in most headers of a layer."""
    return _number(fields[:8]), _number(fields[8:16]), _number(fields[16:])


@lru_cache(4096)
def _time(field: bytes) -> int:
    return _number(field, signed=True)


def _number(field: bytes, signed: bool = False) -> int:
    last = field[-1]
    if (last == 0 or last == 0x20) and (digits := field[:-1]).isdigit():
        try:
            return int(digits, 8)
        except ValueError:
            raise ImageError(f"not an octal number in a tar header: {digits!r}") from None
    first = field[0]
    if first & 0x80:  # base 256, two's complement
        value = int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
        if first & 0x40:
            value -= 1 << (8 * len(field) - 1)
        if value < 0 and not signed:
            raise ImageError("a negative number in a tar header")
        return value
    digits = field.strip(b" \0").partition(b"\0")[0]
    if not digits:
        return 0
    negative = signed and digits.startswith(b"-")
    magnitude = digits[1:] if negative else digits
    try:
        value = int(magnitude, 8) if magnitude.isdigit() else -1
    except ValueError:  # an 8 or a 9
        value = -1
    if value < 0:
        raise ImageError(f"not an octal number in a tar header: {digits!r}")
    return -value if negative else value


def _decimal(pax: dict[str, str], key: str, default: int) -> int:
    value = pax.get(key)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise ImageError(f"not a number in a PAX header: {key}={value[:40]!r}")
    return int(value)


def _seconds(value: str) -> int:
    whole = value.partition(".")[0]
    if not re.fullmatch(r"-?[0-9]{1,18}", whole):
        raise ImageError(f"not a time in a PAX header: {value[:40]!r}")
    return int(whole)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
