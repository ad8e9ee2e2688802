"""One RPM header as the database keeps it: an index of tags and the store that they point into.

Format: rpm's docs/manual/format_header.md; no magic and no lead here.
"""

import struct
from collections.abc import Mapping, Sequence

from tare.image.catalog.package import Package

NAME, VERSION, RELEASE, EPOCH, SIZE, SOURCE_RPM = 1000, 1001, 1002, 1003, 1009, 1044
OLD_FILENAMES, FILE_MODES, FILE_FLAGS = 1027, 1030, 1037
DIRECTORY_INDEXES, BASENAMES, DIRECTORY_NAMES, LONG_SIZE = 1116, 1117, 1118, 5009
_WANTED = frozenset(
    {NAME, VERSION, RELEASE, EPOCH, SIZE, SOURCE_RPM, OLD_FILENAMES, FILE_MODES, FILE_FLAGS}
    | {DIRECTORY_INDEXES, BASENAMES, DIRECTORY_NAMES, LONG_SIZE}
)
_INT16, _INT32, _INT64, _STRING, _STRING_ARRAY, _I18N = 3, 4, 5, 6, 8, 9
_INTEGERS = {_INT16: ("H", 2), _INT32: ("I", 4), _INT64: ("Q", 8)}
_MAX_ENTRIES, _MAX_VALUES = 1 << 16, 1 << 22
_DIRECTORY, _KIND, _GHOST = 0o040000, 0o170000, 1 << 6

Values = Mapping[int, Sequence[int] | Sequence[str]]


def read_header(blob: bytes) -> Values:
    """The wanted tags of a header; raises `ValueError` for what is none."""
    if len(blob) < 8:
        raise ValueError("an RPM header of less than 8 bytes")
    entries, stored = struct.unpack_from(">II", blob)
    start = 8 + 16 * entries
    if not 0 < entries <= _MAX_ENTRIES or start + stored > len(blob):
        raise ValueError("an RPM header with impossible sizes")
    found: dict[int, Sequence[int] | Sequence[str]] = {}
    for place in range(entries):
        tag, kind, offset, count = struct.unpack_from(">IIII", blob, 8 + 16 * place)
        if tag not in _WANTED:
            continue
        if offset >= stored or count > _MAX_VALUES:
            raise ValueError(f"RPM tag {tag} points outside")
        at = start + offset
        if kind in _INTEGERS:
            code, width = _INTEGERS[kind]
            if offset + width * count > stored:
                raise ValueError(f"RPM tag {tag} points outside")
            found[tag] = struct.unpack_from(f">{count}{code}", blob, at)
        elif kind in (_STRING, _STRING_ARRAY, _I18N):
            found[tag] = _strings(blob[at : start + stored], count, tag)
    return found


def _strings(raw: bytes, count: int, tag: int) -> Sequence[str]:
    parts = raw.split(b"\0", count)
    if len(parts) <= count:
        raise ValueError(f"RPM tag {tag} ends early")
    return [part.decode("utf-8", "surrogateescape") for part in parts[:count]]


def package_of(blob: bytes, database: str) -> Package | None:
    """The package of a header; None for the keys that rpm keeps as packages. Raises `ValueError`."""
    values = read_header(blob)
    name = _text(values, NAME)
    if name == "gpg-pubkey":
        return None
    version = f"{_text(values, VERSION)}-{_text(values, RELEASE)}"
    if epochs := values.get(EPOCH):
        version = f"{epochs[0]}:{version}"
    if not name or version.startswith("-"):
        raise ValueError("an RPM header without name and version")
    sizes = values.get(LONG_SIZE) or values.get(SIZE) or ()
    return Package(
        manager="rpm",
        name=name,
        version=version,
        files=tuple(_files(values)),
        declared_bytes=int(sizes[0]) if sizes else None,
        database=database,
        source=_text(values, SOURCE_RPM),
    )


def _text(values: Values, tag: int) -> str:
    found = values.get(tag) or ("",)
    return str(found[0])


def _files(values: Values) -> Sequence[str]:
    """Paths from the root, without directories and what the package does not bring itself (ghosts)."""
    names = [str(name) for name in values.get(BASENAMES, ())]
    folders = [str(name) for name in values.get(DIRECTORY_NAMES, ())]
    indexes = [int(index) for index in values.get(DIRECTORY_INDEXES, ())]
    if not names:
        paths = [str(name) for name in values.get(OLD_FILENAMES, ())]
    else:
        if len(indexes) != len(names) or any(index >= len(folders) for index in indexes):
            raise ValueError("an RPM header whose directories do not fit its files")
        paths = [folders[index] + name for index, name in zip(indexes, names, strict=True)]
    modes = [int(mode) for mode in values.get(FILE_MODES, ())] or [0] * len(paths)
    flags = [int(flag) for flag in values.get(FILE_FLAGS, ())] or [0] * len(paths)
    return [
        path.lstrip("/")
        for path, mode, flag in zip(paths, modes, flags, strict=False)
        if mode & _KIND != _DIRECTORY and not flag & _GHOST
    ]
