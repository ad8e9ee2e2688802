"""strace's log: which paths the processes asked for, and how.

Whether a call succeeded does not matter here: a path that an image does not hold cannot be kept. Relative paths are
joined to the directory that `-y` writes beside the descriptor, or to the last one seen for the process.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_LINE = re.compile(r"(\d+)\s+(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)")
_NAMED = re.compile(r'(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"')
_CWD = re.compile(r"AT_FDCWD<((?:[^>\\]|\\.)*)>")
_DESCRIPTOR = re.compile(r"(?<![\w\"])\d+<(/(?:[^>\\]|\\.)*)>")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9a-f]{2}|.)", re.DOTALL)
_PLAIN = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f", b"a": b"\a", b"b": b"\b"}
_TWO = frozenset({"rename", "renameat", "renameat2", "link", "linkat"})
_KINDS = {
    "execve": "executed",
    "execveat": "executed",
    "open": "opened",
    "openat": "opened",
    "openat2": "opened",
    "readlink": "read as links",
    "readlinkat": "read as links",
    "getdents64": "read as directories",
    "getdents": "read as directories",
}


@dataclass(slots=True)
class Seen:
    """Paths from the root, without a leading slash, as processes named them; `calls` counts them by kind."""

    paths: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    executed: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    processes: set[str] = field(default_factory=set)

    def add(self, other: "Seen", name: str) -> None:
        """What another trace saw; `name` tells its processes from those of others."""
        self.paths |= other.paths
        self.opened |= other.opened
        self.executed |= other.executed
        self.calls += other.calls
        self.processes |= {f"{name}:{process}" for process in other.processes}


def read_log(lines: Iterable[str], workdir: str) -> Seen:
    """Everything that a log names. `workdir`: where the first process began."""
    seen = Seen()
    where: dict[str, str] = {}
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        process, call, rest = match.groups()
        seen.processes.add(process)
        cwd = _CWD.search(rest)
        if cwd:
            where[process] = _text(cwd[1])
        seen.calls[_KINDS.get(call, "looked up")] += 1
        found: list[str] = []
        if "resumed>" not in line[: line.find(rest) if rest else None]:
            named = _NAMED.findall(rest)
            for folder, name in named if call in _TWO else named[:1]:
                base = _text(folder) if folder else where.get(process, workdir)
                found.append(posixpath.join("/", base, _text(name)))
        found += [_text(path) for path in _DESCRIPTOR.findall(rest)]
        for path in found:
            clean = posixpath.normpath(path.removesuffix(" (deleted)")).strip("/")
            raw = path.strip("/")
            for one in {clean, raw} if ".." in raw else (clean,):
                seen.paths.add(one)
                if call.startswith("open"):
                    seen.opened.add(one)
                elif call.startswith("execve"):
                    seen.executed.add(one)
    return seen


def _text(quoted: str) -> str:
    """A C string as strace writes it."""

    def character(match: re.Match[bytes]) -> bytes:
        code = match[1]
        if code[:1].isdigit() and code.isdigit():
            return bytes([int(code, 8) & 255])
        if code[:1] == b"x" and len(code) == 3:
            return bytes([int(code[1:], 16)])
        return _PLAIN.get(code, code)

    return _ESCAPE.sub(character, quoted.encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )
