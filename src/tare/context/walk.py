"""The files of a build context, as an engine would meet them: links are not followed, nothing is opened."""

import os
import posixpath
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from tare.context.ignore import IgnoreRules, Verdict, parse_ignore
from tare.core.errors import ContextError

Kind = Literal["file", "directory", "symlink", "socket", "fifo", "device", "unknown"]
_LARGEST_IGNORE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One file, directory or link. `path` is relative, with `/`; bytes that are not UTF-8 stand as surrogates.

    `size_bytes` is that of a file's content, 0 for everything else. `mode` has the permission bits. `ignored`: the
    engine does not send it. `target` is where a symbolic link points, as written.
    """

    path: str
    size_bytes: int
    kind: Kind
    mode: int
    ignored: bool
    target: str | None = None


@dataclass(frozen=True, slots=True)
class ContextProblem:
    """Something in the context that an engine would stumble over or send in another form. `path` is shown escaped."""

    path: str
    message: str


@dataclass(frozen=True)
class Context:
    """A build context. Entries are sorted by path; a directory stands before what it holds.

    `ignore_path` is the ignore file in force (None when there is none), `ignore_text` its text as read.
    `dockerfile` is the Dockerfile's path relative to the context, None when it lies elsewhere.
    """

    root: Path
    entries: tuple[ContextEntry, ...]
    problems: tuple[ContextProblem, ...] = ()
    ignore_path: Path | None = None
    ignore_text: str = ""
    dockerfile: str | None = None
    rules: IgnoreRules = field(default_factory=IgnoreRules)

    @cached_property
    def by_path(self) -> dict[str, ContextEntry]:
        """Every entry, ignored ones included, by its path."""
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def sent(self) -> tuple[ContextEntry, ...]:
        """The entries that reach the engine when a COPY asks for all of them."""
        return tuple(entry for entry in self.entries if not entry.ignored)

    @cached_property
    def files(self) -> frozenset[str]:
        """Paths of the files and links that are sent."""
        return frozenset(entry.path for entry in self.sent if entry.kind in ("file", "symlink"))

    @property
    def size_bytes(self) -> int:
        """Bytes of all files that are sent."""
        return sum(entry.size_bytes for entry in self.sent)

    def holds(self, path: str) -> bool:
        """Whether a path is there and is sent."""
        entry = self.by_path.get(path)
        return entry is not None and not entry.ignored


def shown(path: str) -> str:
    """A path fit for people and JSON: undecodable bytes and control characters escaped."""
    text = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def ignore_file(root: Path, dockerfile: Path) -> Path | None:
    """The ignore file in force: the one named after the Dockerfile, else the context's own, else None."""
    for candidate in (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), root / ".dockerignore"):
        if candidate.is_file():
            return candidate
    return None


def read_context(root: Path, dockerfile: Path) -> Context:
    """Walk a context directory. `dockerfile` may be relative to the context or not, and need not exist.

    Unreadable directories, sockets, pipes, devices and names that are not UTF-8 become problems, never exceptions.
    Raises `ContextError` when the directory or its ignore file cannot be read, or the ignore file is not valid.
    """
    if not root.is_dir():
        raise ContextError("the build context is not a directory", where=shown(str(root)))
    dockerfile = (
        dockerfile if dockerfile.is_absolute() or not (root / dockerfile).exists() else root / dockerfile
    )
    chosen = ignore_file(root, dockerfile)
    text = _read_ignore(chosen) if chosen is not None else ""
    rules = parse_ignore(text, shown(chosen.name) if chosen is not None else ".dockerignore")
    walker = _Walker(rules)
    entries = walker.walk(os.fspath(root))
    return Context(
        root=root,
        entries=entries,
        problems=tuple(walker.problems),
        ignore_path=chosen,
        ignore_text=text,
        dockerfile=_relative(dockerfile, root),
        rules=rules,
    )


def _relative(path: Path, root: Path) -> str | None:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):
        return None


def _read_ignore(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            data = handle.read(_LARGEST_IGNORE_BYTES + 1)
    except OSError as error:
        raise ContextError(f"cannot be read: {error.strerror}", where=shown(str(path))) from error
    if len(data) > _LARGEST_IGNORE_BYTES:
        raise ContextError("the ignore file is larger than 4 MiB", where=shown(str(path)))
    return data.decode(errors="surrogateescape")


class _Walker:
    """One walk. Directories wait in a list rather than on the stack, for paths may be thousands of names deep."""

    def __init__(self, rules: IgnoreRules) -> None:
        self.rules = rules
        self.exceptions = rules.has_exceptions
        self.problems: list[ContextProblem] = []
        self.waiting: list[tuple[str, str, Verdict | None]] = []

    def walk(self, root: str) -> tuple[ContextEntry, ...]:
        """All entries below `root`, sorted; an excluded directory that holds a sent file is sent too."""
        found: list[ContextEntry] = []
        self.waiting.append((root, "", None))
        while self.waiting:
            found.extend(self.directory(*self.waiting.pop()))
        needed: set[str] = set()
        for entry in found:
            parent = posixpath.dirname(entry.path)
            while not entry.ignored and parent and parent not in needed:
                needed.add(parent)
                parent = posixpath.dirname(parent)
        kept = (replace(e, ignored=False) if e.ignored and e.path in needed else e for e in found)
        return tuple(sorted(kept, key=lambda entry: entry.path.split("/")))

    def directory(self, location: str, prefix: str, verdict: Verdict | None) -> Iterator[ContextEntry]:
        try:
            with os.scandir(location) as listing:
                items = list(listing)
        except OSError as error:
            if not prefix:
                raise ContextError(f"cannot be read: {error.strerror}", where=shown(location)) from error
            if verdict is None or not verdict.excluded:
                self.problem(prefix[:-1], f"the directory cannot be read: {error.strerror}")
            return
        for item in items:
            yield self.entry(item, prefix + item.name, verdict)

    def entry(self, item: os.DirEntry[str], path: str, parent: Verdict | None) -> ContextEntry:
        settled = parent is not None and parent.excluded and not self.exceptions
        verdict = parent if settled and parent is not None else self.rules.judge(path, parent)
        try:
            status = item.stat(follow_symlinks=False)
        except OSError as error:
            if not verdict.excluded:
                self.problem(path, f"cannot be looked at: {error.strerror}")
            return ContextEntry(path, 0, "unknown", 0, verdict.excluded)
        kind = _kind(status.st_mode)
        if kind == "directory":
            self.waiting.append((item.path, path + "/", verdict))
        elif not verdict.excluded:
            self.remark(item, path, kind)
        size = status.st_size if kind == "file" else 0
        target = _target(item.path) if kind == "symlink" else None
        return ContextEntry(path, size, kind, stat.S_IMODE(status.st_mode), verdict.excluded, target)

    def remark(self, item: os.DirEntry[str], path: str, kind: Kind) -> None:
        if kind not in ("file", "symlink"):
            self.problem(path, f"a {kind} is no file and cannot be copied into an image")
        elif kind == "file" and not os.access(item.path, os.R_OK):
            self.problem(path, "the file cannot be read: permission denied")
        if _surrogate(path):
            self.problem(path, "the name is not UTF-8; some engines refuse such a context")

    def problem(self, path: str, message: str) -> None:
        self.problems.append(ContextProblem(shown(path), message))


def _surrogate(path: str) -> bool:
    return any("\udc80" <= char <= "\udcff" for char in path)


def _kind(mode: int) -> Kind:
    kinds: tuple[tuple[int, Kind], ...] = (
        (stat.S_IFREG, "file"),
        (stat.S_IFDIR, "directory"),
        (stat.S_IFLNK, "symlink"),
        (stat.S_IFSOCK, "socket"),
        (stat.S_IFIFO, "fifo"),
        (stat.S_IFCHR, "device"),
        (stat.S_IFBLK, "device"),
    )
    for bits, kind in kinds:
        if stat.S_IFMT(mode) == bits:
            return kind
    return "unknown"


def _target(location: str) -> str | None:
    try:
        return os.readlink(location)
    except OSError:
        return None
