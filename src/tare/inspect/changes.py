"""What each layer did to each name: a replay of the layers over names alone, apart from the merged tree.

Names are taken as they stand in the tar; a name beneath a link of the same layer is counted where it is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tare.image.scan import Entry, LayerScan
from tare.image.tarhead import DIRECTORY, FILE, HARDLINK
from tare.image.tree import implied_directory
from tare.schema.inspect import Kind, LayerChange

_WHITEOUT = ".wh."
_META = ".wh..wh."
_OPAQUE = ".wh..wh..opq"


@dataclass(slots=True)
class LayerCount:
    """Names that a layer added, changed and removed. Directories that it merely lists again are none of these."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    rows: list[LayerChange] = field(default_factory=list)


def count_changes(scans: Sequence[LayerScan], *, rows: bool = False) -> tuple[LayerCount, ...]:
    """The counts of every layer, lowest first; with `rows` also each change."""
    return _Replay(rows).run(scans)


class _Replay:
    def __init__(self, rows: bool) -> None:
        self._rows = rows
        self._below: dict[str, dict[str, Entry]] = {}
        """Directory → its names with the entries that stand there."""
        self._count = LayerCount()
        self._layer = 0

    def run(self, scans: Sequence[LayerScan]) -> tuple[LayerCount, ...]:
        found = []
        for number, scan in enumerate(scans, 1):
            self._layer, self._count = number, LayerCount()
            self._whiteouts(scan.entries)
            for entry in scan.entries:
                folder, _, name = entry.path.rpartition("/")
                if entry.path and not name.startswith(_WHITEOUT):
                    self._put(folder, name, entry)
            found.append(self._count)
        return tuple(found)

    def _whiteouts(self, entries: Sequence[Entry]) -> None:
        """First, because they never hide what their own layer brings."""
        for entry in entries:
            folder, _, name = entry.path.rpartition("/")
            if name == _OPAQUE:
                for child in list(self._below.get(folder, ())):
                    self._remove(folder, child)
            elif name.startswith(_WHITEOUT) and not name.startswith(_META):
                self._remove(folder, name[len(_WHITEOUT) :])

    def _put(self, folder: str, name: str, entry: Entry) -> None:
        siblings = self._below.get(folder)
        if not siblings:  # nothing is there, so the directory itself may not be
            self._make(folder)
            siblings = self._below.setdefault(folder, {})
        old = siblings.get(name)
        siblings[name] = entry
        if old is None:
            self._count.added += 1
            self._note(entry, "added")
            return
        if old.kind is DIRECTORY and entry.kind is not DIRECTORY:
            for child in list(self._below.get(entry.path, ())):
                self._remove(entry.path, child)
        if old[1:7] == entry[1:7] and old[8:] == entry[8:]:
            return  # listed again; only its time differs, if anything
        if old.kind is DIRECTORY and entry.kind is DIRECTORY:
            self._count.changed += 1
            self._note(entry, "metadata")
            return
        self._count.changed += 1
        same = (
            old.kind is entry.kind is FILE
            and old.content == entry.content
            and old.size_bytes == entry.size_bytes
        )
        self._note(entry, "metadata" if same else "changed")

    def _make(self, path: str) -> None:
        """The directory that a name beneath it implies, and those above it."""
        if not path:
            return
        folder, _, name = path.rpartition("/")
        known = self._below.get(folder, {}).get(name)
        if known is None or known.kind is not DIRECTORY:
            self._put(folder, name, implied_directory(path))

    def _remove(self, folder: str, name: str) -> None:
        """A name and all beneath it."""
        stack = [(folder, name)]
        while stack:
            folder, name = stack.pop()
            gone = self._below.get(folder, {}).pop(name, None)
            if gone is None:
                continue
            path = f"{folder}/{name}" if folder else name
            stack.extend((path, child) for child in self._below.get(path, ()))
            self._count.removed += 1
            self._note(gone, "removed")

    def _note(self, entry: Entry, change: str) -> None:
        if self._rows:
            self._count.rows.append(
                LayerChange(self._layer, entry.path, change, kind_of(entry), entry.size_bytes)  # type: ignore[arg-type]
            )


def kind_of(entry: Entry) -> Kind:
    """The kind of an entry as reports say it: a further name of a file is a file."""
    return "file" if entry.kind is HARDLINK else entry.kind  # type: ignore[return-value]
