"""Secrets in every layer: files that a container sees, and those that a later layer hides and anyone can still read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.tarhead import FILE
from tare.image.tree import Hidden, Inode
from tare.security.secrets.find import Found, find
from tare.security.secrets.places import LARGEST_WHOLE, OVERLAP, Located, Place, in_text
from tare.security.secrets.proof import Proofs


@dataclass(slots=True)
class Counted:
    """What was read: bytes looked through, files that their package's hashes prove, files that could not be read."""

    files: int = 0
    read_bytes: int = 0
    proven_files: int = 0
    proven_bytes: int = 0
    unread: list[str] | None = None


@dataclass(slots=True)
class LayerSearch:
    """One search of an image that was analysed with `HashLists` among its catalogs."""

    analysis: Analysis
    contents: Contents
    proofs: Proofs
    counted: Counted

    def run(self) -> Iterator[Located]:
        """All secrets, layer by layer. The same content at the same name is read once."""
        hidden = {(one.inode.layer, one.inode.place): one for one in self.analysis.tree.hidden}
        known: dict[tuple[int, int, str], list[tuple[Found, int | None, int | None]]] = {}
        for index, scan in enumerate(self.analysis.scans):
            instruction = self.analysis.image.layers[index].instruction
            for place, entry in enumerate(scan.entries):
                if entry.kind is not FILE or not entry.stored_bytes:
                    continue
                inode = Inode(entry, index, place)
                self.counted.files += 1
                if entry.sparse is not None:
                    self._unread(entry.path)
                    continue
                if self.proofs.hold(entry.path, self._pieces(inode)):
                    self.counted.proven_files += 1
                    self.counted.proven_bytes += entry.size_bytes
                    continue
                key = (entry.content, entry.size_bytes, entry.path.rpartition("/")[2])
                if key not in known:
                    known[key] = self._search(inode)
                for found, line, column in known[key]:
                    gone = hidden.get((index, place))
                    yield Located(found, self._place(inode, gone, instruction, line, column))

    def _place(
        self, inode: Inode, gone: Hidden | None, instruction: str, line: int | None, column: int | None
    ) -> Place:
        return Place(
            "file", "/" + inode.entry.path, "", line, column, inode.layer + 1, instruction,
            None if gone is None else gone.gone_in + 1, "" if gone is None else gone.cause,
        )  # fmt: skip

    def _pieces(self, inode: Inode) -> Iterator[bytes]:
        return self.contents.pieces(inode, 0, inode.entry.size_bytes)

    def _search(self, inode: Inode) -> list[tuple[Found, int | None, int | None]]:
        entry = inode.entry
        self.counted.read_bytes += entry.size_bytes
        if entry.size_bytes <= LARGEST_WHOLE:
            found = list(in_text(self.contents.read(inode), entry.path))
        else:
            found = [
                (one, None, None)
                for one in in_pieces(lambda at, size: self.contents.read(inode, at, size), entry.size_bytes)
            ]
        if found and entry.path.endswith(".pyc") and entry.size_bytes <= LARGEST_WHOLE:
            content, public = self.contents.read(inode), self._of_source(entry.path)
            found = [one for one in found if not content[one[0].start : one[0].end].startswith(public)]
        return found

    def _of_source(self, path: str) -> tuple[bytes, ...]:
        """What stands in the proven source of a bytecode file: that is published, whoever compiled it. In bytecode the next
        constant may stick to a value, so it is compared by its beginning."""
        folder, _, name = path.rpartition("/")
        source = f"{folder.removesuffix('/__pycache__')}/{name.partition('.')[0]}.py"
        node = self.analysis.tree.get(source)
        if node is None or node.inode.entry.kind is not FILE or node.inode.entry.sparse is not None:
            return ()
        if not self.proofs.hold(source, self._pieces(node.inode)):
            return ()
        content = self.contents.read(node.inode)
        return tuple(content[one.start : one.end] for one in find(content, source))

    def _unread(self, path: str) -> None:
        self.counted.unread = [*(self.counted.unread or []), path]


def in_pieces(read: Callable[[int, int], bytes], size: int) -> Iterator[Found]:
    """The secrets of a large file, read piece by piece; as binary data, for lines are not counted."""
    seen: set[tuple[str, int]] = set()
    at = 0
    while at < size:
        for one in find(read(at, LARGEST_WHOLE + OVERLAP), binary=True):
            if (one.code, at + one.start) not in seen:
                seen.add((one.code, at + one.start))
                yield one
        at += LARGEST_WHOLE
