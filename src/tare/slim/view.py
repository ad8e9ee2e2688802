"""The image as the steps see it: the merged tree less what earlier steps took away."""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property, partial

from tare.image.analysis import Analysis
from tare.image.attribute import Attributor
from tare.image.catalog import Package
from tare.image.contents import Contents
from tare.image.documents import ImageConfig
from tare.image.mutate import Content, DraftEntry, Edits, original
from tare.image.tarhead import FILE, SYMLINK
from tare.image.tree import Inode, Node
from tare.slim.model import Proposal, Removed, Step

READ_LIMIT = 64 << 20
COMPILERS = ("gcc", "cc", "g++", "c++", "clang", "clang++", "nvcc", "tcc", "icc", "icx")


class ImageFiles:
    """What does not change while steps run: names, owners, contents. Shared by every plan of one image."""

    def __init__(self, analysis: Analysis, contents: Contents) -> None:
        self.analysis = analysis
        self.contents = contents
        self.config: ImageConfig = analysis.image.config
        self.nodes: dict[str, Node] = {node.path: node for node in analysis.tree.walk()}
        self._attributor = Attributor(analysis)
        self.linked_names: dict[Inode, list[str]] = {}
        """The names of every inode that has several; filled when first needed."""
        self.cache: dict[object, object] = {}
        """What steps found out and need again; keys are theirs."""

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every regular file, sorted; a file of several names is there under each."""
        return tuple(sorted(path for path, node in self.nodes.items() if node.inode.entry.kind is FILE))

    def owner(self, path: str) -> Package | None:
        """The package that brought a path."""
        node = self.nodes.get(path)
        return self._attributor.node(node).package if node is not None else None

    def size(self, path: str) -> int:
        """The size of a regular file, 0 for anything else."""
        node = self.nodes.get(path)
        return node.inode.entry.size_bytes if node else 0

    def read(self, path: str, start: int = 0, size: int | None = None) -> bytes:
        """The original bytes of a regular file; links are followed. b"" where there is none."""
        node = self.follow(path)
        if node is None or node.inode.entry.kind is not FILE or node.inode.entry.sparse is not None:
            return b""
        return self.contents.read(node.inode, start, READ_LIMIT if size is None else size)

    def reader(self, path: str) -> Callable[[int, int], bytes]:
        """`read(start, size)` of one file."""
        return partial(self.read, path)

    def follow(self, path: str) -> Node | None:
        """The node behind a path, all links followed."""
        for _ in range(16):
            node = self.analysis.tree.resolve(path)
            if node is None or node.inode.entry.kind is not SYMLINK:
                return node
            link = node.inode.entry.link
            base = "" if link.startswith("/") else node.path.rpartition("/")[0] + "/"
            parts: list[str] = []
            for part in f"{base}{link}".split("/"):
                if part == "..":
                    parts = parts[:-1]
                elif part not in ("", "."):
                    parts.append(part)
            path = "/".join(parts)
        return None

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """The environment that the configuration sets."""
        return dict(line.partition("=")[::2] for line in self.config.env)

    @cached_property
    def path_directories(self) -> tuple[str, ...]:
        """Directories of PATH, from the root without a leading slash."""
        default = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        found = self.environment.get("PATH", default).split(":")
        return tuple(
            dict.fromkeys(part.strip("/") for part in (*found, *default.split(":")) if part.strip("/"))
        )

    def which(self, program: str) -> Node | None:
        """The file that a command runs, links followed."""
        if "/" in program:
            return self.follow(
                posixpath.normpath(posixpath.join("/", self.config.workdir, program)).lstrip("/")
            )
        for directory in self.path_directories:
            node = self.follow(f"{directory}/{program}")
            if node is not None and node.inode.entry.kind is FILE:
                return node
        return None


class View:
    """The state of one plan. Steps read it; `take` applies what they propose."""

    def __init__(self, files: ImageFiles) -> None:
        self.files = files
        self.removed: set[str] = set()
        self.changed: dict[str, Content] = {}
        self.added: dict[str, DraftEntry] = {}
        self.gone: set[str] = set()
        """Names of system packages that are taken away as a whole."""
        self.shell_given_up = False
        """The user asked for an image without a shell, and nothing needs one."""
        self.ledger: list[Removed] = []
        self.notes: list[str] = []
        """What steps left whole and why; shown with the report."""

    def visible(self, path: str) -> bool:
        """Whether a name is still there."""
        return path in self.files.nodes and path not in self.removed

    def present(self) -> Iterator[str]:
        """Every regular file that is still there, sorted."""
        removed = self.removed
        return (path for path in self.files.files if path not in removed)

    def matching(self, *patterns: str) -> Iterator[str]:
        """Files whose base name fits a pattern."""
        for path in self.present():
            name = path.rpartition("/")[2]
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                yield path

    def beneath(self, directory: str) -> Iterator[Node]:
        """Every node that is left beneath a directory."""
        top = self.files.nodes.get(directory)
        stack = [top] if top is not None else []
        while stack:
            for child in (stack.pop().children or {}).values():
                if child.path not in self.removed:
                    yield child
                    stack.append(child)

    def size(self, path: str) -> int:
        """The present size of a file."""
        changed = self.changed.get(path)
        return changed.size_bytes if changed else self.files.size(path)

    def has_compiler(self) -> bool:
        """Whether a C or CUDA compiler is still in the image: then headers may be needed at run time."""
        return any(
            (node := self.files.which(name)) is not None and node.path not in self.removed
            for name in COMPILERS
        )

    def resolves(self, path: str) -> bool:
        """Whether a path still leads to something, every link on the way included."""
        names = [name for name in path.split("/") if name not in ("", ".")][::-1]
        at: list[str] = []
        hops = 40
        while names:
            name = names.pop()
            if name == "..":
                at = at[:-1]
                continue
            full = "/".join((*at, name))
            node = self.files.nodes.get(full)
            if node is None or full in self.removed:
                return False
            if node.inode.entry.kind is SYMLINK:
                hops -= 1
                if hops < 0:
                    return False
                link = node.inode.entry.link
                at = [] if link.startswith("/") else at
                names += [part for part in link.split("/") if part not in ("", ".")][::-1]
            else:
                at.append(name)
        return True

    @property
    def rpm(self) -> bool:
        """An RPM database owns the system's files. It cannot be rewritten, so they stay as they are."""
        return any(
            path in self.files.nodes
            for path in (
                "var/lib/rpm/rpmdb.sqlite",
                "var/lib/rpm/Packages",
                "usr/lib/sysimage/rpm/rpmdb.sqlite",
            )
        )

    def content(self, path: str) -> bytes:
        """The present bytes of a file."""
        changed = self.changed.get(path)
        if changed is None:
            return self.files.read(path)
        return b"".join(self.pieces(path))

    def pieces(self, path: str) -> Iterator[bytes]:
        """The present bytes of a file, a mebibyte at a time."""
        node = self.files.nodes[path]
        content = self.changed.get(path) or original(node.inode)
        for part in content.parts:
            if isinstance(part, bytes):
                yield part
            elif isinstance(part, tuple) and content.origin is not None:
                yield from self.files.contents.pieces(content.origin, *part)

    def take(self, step: Step, proposals: Iterable[Proposal]) -> int:
        """Apply proposals and write them down; returns the bytes that they save."""
        saved = 0
        for proposal in list(proposals):
            if proposal.path in self.removed or proposal.path not in self.files.nodes:
                continue
            if proposal.content is None:
                saved += self._remove(step, proposal)
            else:
                saved += self._change(step, proposal, proposal.content)
        return saved

    def _remove(self, step: Step, proposal: Proposal) -> int:
        top = self.files.nodes[proposal.path]
        saved = 0
        for node in (*self.beneath(proposal.path), top):
            size = 0
            if node.inode.entry.kind is FILE:
                names = self._names(node)
                size = (
                    self.size(node.path)
                    if all(name in self.removed for name in names if name != node.path)
                    else 0
                )
            self.removed.add(node.path)
            self.changed.pop(node.path, None)
            saved += size
            if node.children is None:
                self._note(step, node, "removed", size, proposal.evidence)
        return saved

    def _change(self, step: Step, proposal: Proposal, content: Content) -> int:
        node = self.files.nodes[proposal.path]
        saved = self.size(node.path) - content.size_bytes
        for name in self._names(node):
            if name not in self.removed:
                self.changed[name] = content
        self._note(step, node, "changed", saved, proposal.evidence)
        return saved

    def _names(self, node: Node) -> tuple[str, ...]:
        if node.inode.links <= 1:
            return (node.path,)
        names = self.files.linked_names
        if not names:
            for other in self.files.nodes.values():
                if other.inode.links > 1:
                    names.setdefault(other.inode, []).append(other.path)
        return tuple(names.get(node.inode, (node.path,)))

    def _note(self, step: Step, node: Node, action: str, saved: int, evidence: str) -> None:
        owner = self.files.owner(node.path)
        label = f"{owner.manager}:{owner.name} {owner.version}" if owner else ""
        content = node.inode.entry.content
        self.ledger.append(Removed(node.path, action, step.name, label, saved, evidence, content))

    def edits(self) -> Edits:
        """What the tree becomes."""
        return Edits(frozenset(self.removed), dict(self.changed), dict(self.added))
