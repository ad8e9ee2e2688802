"""The file system that a container sees: layers merged as OverlayFS does it on the engines.

Rules (OCI image specification, layer.md): a whiteout `.wh.NAME` hides NAME of lower layers; `.wh..wh..opq` hides all
that lower layers put into its directory; both never hide what their own layer brings, wherever they stand in the
tar. A directory over a directory keeps the children; everything else replaces. Hard links share one `Inode`:
replacing one name (copy-up of a later layer) leaves the others. Parents that no entry names are made. A parent that
is a symbolic link is followed when its own layer made it, and replaced by a directory when a lower one did: layers
are unpacked one by one, so a lower layer's link is not there to follow.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from tare.core.errors import ImageError
from tare.image.scan import Entry
from tare.image.tarhead import DIRECTORY, FILE, HARDLINK, SYMLINK, clean_path

Cause = Literal[
    "overwritten", "metadata", "whiteout", "directory-whiteout", "opaque", "replaced-directory", "repeated"
]
_WHITEOUT = ".wh."
_META = ".wh..wh."
_OPAQUE = ".wh..wh..opq"
_HOPS = 40


class Inode:
    """A file's content and metadata; several names may share it. `links` counts those that are visible."""

    __slots__ = ("entry", "layer", "links", "place")

    def __init__(self, entry: Entry, layer: int, place: int) -> None:
        self.entry = entry
        self.layer = layer
        self.place = place
        """The entry's index in its layer; -1 for a directory that no entry names."""
        self.links = 0


class Node:
    """A name in the merged tree. `layer` is the last that wrote the name; `children` is None for non-directories."""

    __slots__ = ("children", "inode", "layer", "path")

    def __init__(self, path: str, inode: Inode, layer: int) -> None:
        self.path = path
        self.inode = inode
        self.layer = layer
        self.children: dict[str, Node] | None = {} if inode.entry.kind is DIRECTORY else None


class Hidden:
    """Content that a lower layer holds and no path shows. `gone_in` is the layer that hid the last name."""

    __slots__ = ("cause", "gone_in", "inode", "path")

    def __init__(self, path: str, inode: Inode, gone_in: int, cause: Cause) -> None:
        self.path = path
        self.inode = inode
        self.gone_in = gone_in
        self.cause = cause


def implied_directory(path: str) -> Entry:
    """What the engines make for a parent that no entry names: root's, mode 755."""
    return Entry(path, DIRECTORY, 0, 0, 0o755, 0, 0, 0, "", None, (), None, 0)


class Tree:
    """The merged file system, made by applying layers from the lowest up; notes what each layer hides."""

    def __init__(self) -> None:
        self.root = Node("", Inode(implied_directory(""), 0, -1), 0)
        self.hidden: list[Hidden] = []
        self._layer = -1
        self._parents: dict[str, Node] = {}
        self._folders: dict[str, Node | None] = {}
        """Where `resolve` found directories since the last layer."""

    # -- reading ------------------------------------------------------------------------------------------------

    def get(self, path: str) -> Node | None:
        """The node of a path as it stands (no link is followed)."""
        node = self.root
        if path:
            for name in path.split("/"):
                child = node.children.get(name) if node.children is not None else None
                if child is None:
                    return None
                node = child
        return node

    def resolve(self, path: str) -> Node | None:
        """The node of a path with the links among its directories followed, not the last one."""
        folder, _, name = path.rpartition("/")
        if not name:
            return self._resolve(path, _HOPS)
        if folder not in self._folders:
            self._folders[folder] = self._resolve(folder, _HOPS, last_too=True)
        found = self._folders[folder]
        return None if found is None or found.children is None else found.children.get(name)

    def _resolve(self, path: str, hops: int, last_too: bool = False) -> Node | None:
        node = self.root
        names = path.split("/") if path else []
        for place, name in enumerate(names):
            child = node.children.get(name) if node.children is not None else None
            if child is None:
                return None
            if child.inode.entry.kind is SYMLINK and (last_too or place < len(names) - 1):
                if hops <= 0:
                    return None
                target = _link_target(child)
                if target is None:
                    return None
                rest = "/".join((target, *names[place + 1 :])).lstrip("/")
                return self._resolve(rest, hops - 1, last_too)
            node = child
        return node

    def walk(self) -> Iterator[Node]:
        """Every node but the root, parents first, names in order of code points."""
        stack = [self.root]
        while stack:
            node = stack.pop()
            if node is not self.root:
                yield node
            if node.children:
                stack.extend(node.children[name] for name in sorted(node.children, reverse=True))

    # -- applying a layer ---------------------------------------------------------------------------------------

    def apply(self, entries: Iterable[Entry]) -> None:
        """Put a further layer on top. Raises `ImageError` for links to nothing and writes beneath files."""
        self._layer += 1
        self._parents = {}
        self._folders = {}
        for place, entry in enumerate(entries):
            parent_path, _, name = entry.path.rpartition("/")
            if name.startswith(_WHITEOUT):
                self._whiteout(parent_path, name)
            elif not entry.path:
                if entry.kind is DIRECTORY:
                    self.root.inode = Inode(entry, self._layer, place)
                    self.root.layer = self._layer
            else:
                parent = self._parents.get(parent_path)
                if parent is None or parent.children is None:
                    parent = self._parent(parent_path)
                self._put(parent, name, entry, place)

    def _put(self, parent: Node, name: str, entry: Entry, place: int) -> None:
        assert parent.children is not None
        layer = self._layer
        old = parent.children.get(name)
        if entry.kind is HARDLINK:
            target = self._hardlink_target(entry)
            if old is not None and old.inode is target.inode:
                old.layer = layer
                return
            inode = target.inode
        else:
            inode = Inode(entry, layer, place)
        if old is not None:
            if old.children is not None and entry.kind is DIRECTORY:
                old.inode = inode
                inode.links = 1
                old.layer = layer
                return
            inode.links += 1
            self._drop(old, _replacement_cause(old.inode, inode, layer))
        else:
            inode.links += 1
        path = f"{parent.path}/{name}" if parent.path else name
        parent.children[name] = Node(path, inode, layer)

    def _hardlink_target(self, entry: Entry) -> Node:
        target = self._resolve(entry.link, _HOPS)
        if target is None or target.children is not None:
            raise ImageError(f"the hard link {entry.path!r} leads to {entry.link!r}, which is no file here")
        return target

    def _parent(self, path: str) -> Node:
        """The directory for new entries; made where it is missing, see the module's text for links."""
        node = self.root
        hops = _HOPS
        names = path.split("/")[::-1] if path else []
        while names:
            name = names.pop()
            siblings = node.children
            assert siblings is not None
            child = siblings.get(name)
            if child is not None and child.children is None:
                if child.layer == self._layer and child.inode.entry.kind is SYMLINK and hops:
                    hops -= 1
                    target = _link_target(child)
                    if target is not None:
                        names.extend((target.split("/") if target else [])[::-1])
                        node = self.root
                        continue
                if child.layer == self._layer:
                    raise ImageError(f"{path!r} is used as a directory, and {child.path!r} is none")
                self._drop(child, "overwritten")
                child = None
            if child is None:
                full = f"{node.path}/{name}" if node.path else name
                inode = Inode(implied_directory(full), self._layer, -1)
                inode.links = 1
                child = Node(full, inode, self._layer)
                siblings[name] = child
            node = child
        self._parents[path] = node
        return node

    def _whiteout(self, parent_path: str, name: str) -> None:
        parent = self._existing(parent_path)
        if parent is None or parent.children is None:
            return
        if name == _OPAQUE:
            self._clear(parent, "opaque")
        elif not name.startswith(_META):
            hidden = name[len(_WHITEOUT) :]
            child = parent.children.get(hidden)
            if child is None:
                return
            self._parents = {}
            if child.children is None:
                if child.layer < self._layer:
                    del parent.children[hidden]
                    self._drop(child, "whiteout")
            elif child.layer < self._layer:
                self._clear(child, "directory-whiteout")
                if not child.children:
                    del parent.children[hidden]
            else:
                self._clear(child, "directory-whiteout")

    def _existing(self, path: str) -> Node | None:
        known = self._parents.get(path)
        return known if known is not None else self._resolve(path, _HOPS)

    def _clear(self, directory: Node, cause: Cause) -> None:
        """Remove what lower layers put beneath a directory. Directories that hold something of this layer stay."""
        self._parents = {}
        order = [directory]
        for node in order:
            order.extend(child for child in (node.children or {}).values() if child.children is not None)
        for node in reversed(order):
            assert node.children is not None
            for name, child in list(node.children.items()):
                if child.layer < self._layer and not child.children:
                    del node.children[name]
                    self._drop(child, cause)

    def _drop(self, node: Node, cause: Cause) -> None:
        """A node that left the tree, with all beneath it."""
        stack = [node]
        if node.children is not None:
            self._parents = {}
        while stack:
            gone = stack.pop()
            if gone.children:
                stack.extend(gone.children.values())
            gone.inode.links -= 1
            if gone.inode.links <= 0 and gone.inode.entry.kind is FILE:
                why: Cause = "replaced-directory" if gone is not node else cause
                self.hidden.append(Hidden(gone.path, gone.inode, self._layer, why))


def _replacement_cause(old: Inode, new: Inode, layer: int) -> Cause:
    if old.layer == layer:
        return "repeated"
    a, b = old.entry, new.entry
    if a.kind is FILE and b.kind is FILE and a.content == b.content and a.size_bytes == b.size_bytes:
        return "metadata"
    return "overwritten"


def _link_target(node: Node) -> str | None:
    """Where a symbolic link leads, from the root; None out of the root or to nowhere."""
    link = node.inode.entry.link
    if not link:
        return None
    base = "" if link.startswith("/") else node.path.rpartition("/")[0]
    try:
        return clean_path("/" + f"{base}/{link}".lstrip("/"))
    except ImageError:
        return ""
