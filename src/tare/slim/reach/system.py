"""Which system packages the start reaches: from programs and libraries up to the packages that own them."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from tare.image.catalog import Package
from tare.image.catalog.package import paragraphs
from tare.image.tarhead import SYMLINK
from tare.image.tree import Node
from tare.slim.python.environment import environment_of
from tare.slim.reach.knowledge import ALWAYS, COMPANIONS, DEVELOPMENT_TOOLS, MAINTAINER_TOOLS, SHELLS
from tare.slim.reach.libraries import names_in_elf, names_in_python
from tare.slim.reach.linking import library_index, needed_libraries
from tare.slim.reach.programs import programs_called, programs_named
from tare.slim.reach.runtime_data import runtime_data
from tare.slim.start import read_start
from tare.slim.view import View

SYSTEM = ("dpkg", "apk")
_OPTIONAL = re.compile(
    r"-packages/|/(?:ensurepip|idlelib|turtledemo|tkinter|lib2to3|distutils|test)/|/_tkinter\."
)
"""Parts of the standard library that have packages of their own: they stay when an import leads to them."""


class SystemReach:
    """`kept` maps names of reached packages to the reason. `distroless`: shells and their commands stay only where the
    start or the application itself leads to them, not out of custom, for dependencies or for library code."""

    def __init__(self, view: View, *, distroless: bool = False) -> None:
        self._custom = SHELLS if distroless else frozenset[str]()
        self._view = view
        self._files = view.files
        self.kept: dict[str, str] = {}
        self._queue: list[tuple[str, str]] = []
        self._seen: set[str] = set()

    @cached_property
    def packages(self) -> Mapping[str, Package]:
        """System packages by name."""
        return {one.name: one for one in self._files.analysis.packages if one.manager in SYSTEM}

    @cached_property
    def owners(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the system packages that list a path (after links of directories)."""
        found: dict[str, list[str]] = defaultdict(list)
        for package in self.packages.values():
            for path in package.files:
                node = self.file(path)
                if node is not None:
                    found[node.path].append(package.name)
        return {path: tuple(dict.fromkeys(names)) for path, names in found.items()}

    def file(self, path: str) -> Node | None:
        """The file of a listed path; None for directories and links to them (`/lib`), which many packages list."""
        node = self._files.analysis.tree.resolve(path)
        if node is None or node.children is not None:
            return None
        if node.inode.entry.kind is SYMLINK:
            target = self._files.follow(node.path)
            if target is not None and target.children is not None:
                return None
        return node

    def run(self) -> None:
        """Follow everything."""
        for name in sorted((ALWAYS - self._custom) & self.packages.keys()):
            self._keep(name, "every image needs it")
        for path in sorted(read_start(self._files).programs):
            self._path(path, "the start runs it")
        for word in (*self._files.config.entrypoint[:1], *self._files.config.cmd[:1]):
            self._program(word, "the start names it")
        if not self._custom:
            self._program("sh", "every image needs it")
        for path, who in runtime_data(self._files):
            for passed in self._links(path):
                self._path(passed, who)
        self._unowned()
        self._python()
        while True:
            while self._queue:
                self._follow(*self._queue.pop())
            if not self._companions():
                return

    # -- roots ----------------------------------------------------------------------------------------------------

    def _unowned(self) -> None:
        """Files that no system package brought: all of them stay, so what they load must stay, too."""
        environment = environment_of(self._files)
        for path in self._view.present():
            if path in self.owners or path.startswith("var/lib/dpkg/"):
                continue
            entry = self._files.nodes[path].inode.entry
            if not (entry.mode & 0o111 or ".so" in path):
                continue
            head = self._files.read(path, 0, 256)
            if head.startswith(b"\x7fELF"):
                self._queue.append((path, path))
            elif (
                not self._custom
                and head.startswith(b"#!")
                and entry.mode & 0o111
                and not environment.in_site(path)
            ):
                self._shebang(path, head)

    def _shebang(self, path: str, head: bytes) -> None:
        words = head[2:].partition(b"\n")[0].decode("utf-8", "replace").split()
        if not words:
            return
        self._program(words[0], f"{path} is a script for it")
        if words[0].endswith("/env"):
            for word in words[1:]:
                if not word.startswith("-"):
                    self._program(word, f"{path} is a script for it")
                    break

    def _python(self) -> None:
        environment = environment_of(self._files)
        start = read_start(self._files)
        used = bool(start.python) or any(
            "python" in program or "pypy" in program for program in start.programs
        )
        libraries = tuple(f"{root}/" for root in environment.stdlibs)
        application = set(environment.application)
        roots = [environment.by_path.get(path) or path for path in (*start.python, *environment.application)]
        reached = environment.closure(roots, lazy=True)
        for path in sorted(reached):
            for owner in self.owners.get(path, ()):
                self._keep(owner, f"the application imports {path}")
        for path in self._view.present():
            if path.endswith((".py", ".so")) and path.startswith(libraries) and used:
                for owner in self.owners.get(path, ()):
                    if not _OPTIONAL.search(path):
                        self._keep(owner, "part of Python's standard library")
            if not path.endswith(".py") or path in self.owners:
                continue
            if path.startswith(libraries) and "-packages/" not in path:
                continue  # the standard library names programs and libraries in examples only
            source = self._files.read(path)
            files, short = names_in_python(source)
            for name in files:
                self._library(name, f"{path} names {name}")
            for name in short:
                self._short(name, f"{path} looks for {name}")
            if path in application:
                for name in programs_named(source):
                    self._program(name, f"{path} names it")
            elif path in reached and not self._custom:
                for name in programs_called(source) - DEVELOPMENT_TOOLS:
                    self._program(name, f"{path} runs it")

    # -- following ------------------------------------------------------------------------------------------------

    def _program(self, word: str, why: str) -> None:
        candidates = (
            [word] if "/" in word else [f"/{folder}/{word}" for folder in self._files.path_directories]
        )
        for candidate in candidates:
            if not candidate.startswith("/"):
                continue
            passed = list(self._links(candidate.strip("/")))
            if passed and self._files.follow(candidate.strip("/")) is not None:
                for path in passed:
                    self._path(path, why)
                return

    def _links(self, path: str) -> Iterator[str]:
        """Every name on the way of a path: the links, and the file at the end."""
        for _ in range(16):
            node = self._files.analysis.tree.resolve(path)
            if node is None:
                return
            if node.children is None:
                yield node.path
            if node.inode.entry.kind is not SYMLINK:
                return
            link = node.inode.entry.link
            base = "" if link.startswith("/") else posixpath.dirname(node.path)
            path = posixpath.normpath(posixpath.join("/", base, link)).lstrip("/")

    def _path(self, path: str, why: str) -> None:
        for owner in self.owners.get(path, ()):
            self._keep(owner, why)
        self._queue.append((path, why))

    def _keep(self, name: str, why: str) -> None:
        if name in self.kept or name not in self.packages:
            return
        self.kept[name] = why
        for path in self.packages[name].files:
            node = self.file(path)
            if node is not None:
                for passed in self._links(node.path):
                    self._queue.append((passed, f"{name} has it"))
        for other in self._depends.get(name, ()):
            if other not in MAINTAINER_TOOLS and other not in self._custom:
                self._keep(other, f"{name} depends on it")

    def _follow(self, path: str, why: str) -> None:
        """What a file loads: its libraries, or its interpreter."""
        if path in self._seen:
            return
        self._seen.add(path)
        for owner in self.owners.get(path, ()):
            self._keep(owner, why)
        needed = needed_libraries(self._view).get(path)
        if needed is None:
            return
        for name in needed:
            self._library(name, f"{path} needs {name}")
        node = self._files.nodes[path]
        if node.inode.entry.sparse is None:
            pieces = self._files.contents.pieces(node.inode, 0, node.inode.entry.size_bytes)
            for name in names_in_elf(pieces):
                self._library(name, f"{path} may load {name}")

    def _library(self, name: str, why: str) -> None:
        for path in library_index(self._view).get(posixpath.basename(name), ()):
            self._path(path, why)
            for folder_name in self._names_of(path):
                for owner in self.owners.get(folder_name, ()):
                    self._keep(owner, why)

    @cached_property
    def _aliases(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path, node in self._files.nodes.items():
            if ".so" in path and node.inode.entry.kind is SYMLINK and (target := self._files.follow(path)):
                found[target.path].append(path)
        return {target: tuple(paths) for target, paths in found.items()}

    def _names_of(self, path: str) -> tuple[str, ...]:
        return tuple(one for one in self._aliases.get(path, ()) if not one.endswith(".so"))

    def _short(self, name: str, why: str) -> None:
        pattern = re.compile(rf"lib{re.escape(name)}\.so(?:\.[\d.]+)?")
        for known in library_index(self._view):
            if pattern.fullmatch(known):
                self._library(known, why)

    def _companions(self) -> bool:
        before = len(self.kept)
        for name in list(self.kept):
            for library, companion in COMPANIONS:
                if library.fullmatch(name):
                    for other in self.packages:
                        if other not in self.kept and companion.fullmatch(other):
                            self._keep(other, f"{name} loads it as a plug-in or data")
        return len(self.kept) > before

    # -- dependencies ---------------------------------------------------------------------------------------------

    @cached_property
    def _depends(self) -> Mapping[str, tuple[str, ...]]:
        """Depends and Pre-Depends of dpkg, `D:` of apk; alternatives that are installed, provided names resolved."""
        found: dict[str, tuple[str, ...]] = {}
        for database, text in self._databases():
            if database.endswith("installed"):
                found |= _apk_depends(text)
                continue
            rows = list(paragraphs(text))
            provides: dict[str, list[str]] = defaultdict(list)
            for row in rows:
                for name in _names(row.get("provides", "")):
                    provides[name].append(row.get("package", ""))
            for row in rows:
                wanted = [*_names(row.get("depends", "")), *_names(row.get("pre-depends", ""))]
                resolved = [
                    one
                    for name in wanted
                    for one in ([name] if name in self.packages else provides.get(name, []))
                ]
                if "package" in row:
                    found[row["package"]] = tuple(dict.fromkeys(resolved))
        return found

    def _databases(self) -> Iterable[tuple[str, str]]:
        for path in sorted({package.database for package in self.packages.values()}):
            yield path, self._files.read(path).decode("utf-8", "replace")


def _names(text: str) -> list[str]:
    return [
        match[0]
        for part in re.split(r"[,|]", text)
        if (match := re.match(r"[a-z0-9][a-z0-9+.\-]*", part.strip()))
    ]


def _apk_depends(text: str) -> dict[str, tuple[str, ...]]:
    provides: dict[str, str] = {}
    wanted: dict[str, list[str]] = {}
    for block in text.split("\n\n"):
        fields = {line[:1]: line[2:] for line in block.split("\n") if line[1:2] == ":" and line[0] in "PDp"}
        if "P" not in fields:
            continue
        provides[fields["P"]] = fields["P"]
        for one in fields.get("p", "").split():
            provides.setdefault(re.split(r"[=<>~]", one)[0], fields["P"])
        wanted[fields["P"]] = [
            re.split(r"[=<>~]", one)[0] for one in fields.get("D", "").split() if one[0] != "!"
        ]
    return {
        name: tuple(dict.fromkeys(provides[one] for one in names if one in provides))
        for name, names in wanted.items()
    }
