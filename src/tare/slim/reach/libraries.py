"""Names of shared libraries in code: what ELF files and Python sources may dlopen."""

import re
from collections.abc import Iterable

_END = re.compile(rb"\.so(?:\.[0-9]+)*\0")
_NAME = re.compile(rb"[A-Za-z0-9_+\-.]+\Z")
_BACK = 120
_PYTHON = re.compile(rb"[\"'](?:[^\"'\n]*/)?(lib[\w+.\-]+\.so(?:\.[0-9]+)*)[\"']")
_FIND = re.compile(rb"find_library\(\s*[\"']([\w+.\-]+)[\"']")


def names_in_elf(pieces: Iterable[bytes]) -> frozenset[str]:
    """Strings that end a C string and look like file names of libraries."""
    found = set()
    tail = b""
    for piece in pieces:
        data = tail + piece
        for match in _END.finditer(data):
            start = max(0, match.start() - _BACK)
            name = _NAME.search(data[start : match.start()])
            if name:
                found.add((name[0] + match[0][:-1]).decode())
        tail = data[-(_BACK + 16) :]
    return frozenset(found)


def names_in_python(source: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """(file names of libraries, short names that `find_library` is asked for)."""
    if b".so" not in source and b"find_library" not in source:
        return frozenset(), frozenset()
    return (
        frozenset(name.decode() for name in _PYTHON.findall(source)),
        frozenset(name.decode() for name in _FIND.findall(source)),
    )
