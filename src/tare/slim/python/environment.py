"""The Pythons of an image: standard libraries, site directories, modules by name, and the graph of their imports."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tare.slim.python.imports import Import, scan_imports
from tare.slim.view import ImageFiles

_SITE = re.compile(r"(.*/(?:site|dist)-packages)/.*")
_STDLIB = re.compile(r"((?:.*/)?lib(?:64)?/python3\.\d+)/os\.py")
_EXTENSION = re.compile(r"([A-Za-z_]\w*)(?:\.(?:cpython-|abi3|pypy)[^/]*)?\.(?:so|pyd)$")
_TESTS = re.compile(r"(?:^|/)(?:tests?|testing|_?pytest)(?:/|$)")
_PYC = re.compile(r"(.*?)(?:__pycache__/)?([^/]+?)(?:\.(?:cpython|pypy)[^/.]*(?:\.opt-\d)?)?\.pyc")


@dataclass(frozen=True, slots=True)
class Module:
    """A module of some root directory. `path` is the source, or the extension; `package` for `__init__` files."""

    name: str
    path: str
    package: bool


class PythonEnvironment:
    """Every Python module that an image can import, whichever interpreter."""

    def __init__(self, files: ImageFiles) -> None:
        self._files = files
        self.sites: tuple[str, ...] = tuple(
            sorted(
                {match[1] for path in files.files if (match := _SITE.match(path))},
                key=lambda site: (-len(site), site),
            )
        )
        self.stdlibs: tuple[str, ...] = tuple(
            sorted(match[1] for path in files.files if (match := _STDLIB.fullmatch(path)))
        )
        self._imports: dict[str, tuple[Import, ...]] = {}
        self.inactive: tuple[str, ...] = ()
        """Site directories that the start's interpreters do not look into; imports never lead there."""

    @property
    def roots(self) -> tuple[str, ...]:
        """Directories that modules are looked up in, the deepest first."""
        dynload = tuple(f"{library}/lib-dynload" for library in self.stdlibs)
        return (*self.sites, *dynload, *self.stdlibs)

    def root_of(self, path: str) -> str | None:
        """The root that a path is beneath."""
        return next((root for root in self.roots if path.startswith(f"{root}/")), None)

    def in_site(self, path: str) -> bool:
        """Whether a path is beneath a site directory."""
        return any(path.startswith(f"{site}/") for site in self.sites)

    @cached_property
    def application(self) -> tuple[str, ...]:
        """Python sources that no package and no standard library brought: the user's own."""
        roots = tuple(f"{root}/" for root in self.roots)
        return tuple(
            path
            for path in self._files.files
            if path.endswith(".py")
            and not path.startswith(roots)
            and not path.startswith(("usr/share/", "usr/lib/", "proc/"))
            and self._files.owner(path) is None
        )

    @cached_property
    def application_roots(self) -> tuple[str, ...]:
        """Directories that the application's modules are looked up in: the working directory, PYTHONPATH, and the
        directories of its sources."""
        found = [self._files.config.workdir.strip("/")]
        found += [part.strip("/") for part in self._files.environment.get("PYTHONPATH", "").split(":")]
        for path in self.application:
            folder = path.rpartition("/")[0]
            while f"{folder}/__init__.py" in self._files.nodes:
                folder = folder.rpartition("/")[0]
            found.append(folder)
            if folder.endswith("/src"):
                found.append(folder)
        return tuple(dict.fromkeys(found))

    @cached_property
    def modules(self) -> Mapping[str, tuple[Module, ...]]:
        """Modules by their dotted name; several where roots have the same name."""
        found: dict[str, list[Module]] = defaultdict(list)
        tops = tuple((root, f"{root}/" if root else "") for root in (*self.roots, *self.application_roots))
        application = set(self.application)
        for path in self._files.files:
            if not path.endswith((".py", ".so", ".pyd")):
                continue
            for root, prefix in tops:
                if path.startswith(prefix) and (root in self.roots or path in application):
                    module = _module(path, path[len(prefix) :])
                    if module is not None:
                        found[module.name].append(module)
                    if root in self.roots:
                        break
        return {name: tuple(dict.fromkeys(modules)) for name, modules in found.items()}

    @cached_property
    def by_path(self) -> Mapping[str, Module]:
        """A module by its file."""
        return {module.path: module for modules in self.modules.values() for module in modules}

    def imports(self, path: str) -> tuple[Import, ...]:
        """What a source imports; nothing for extensions."""
        known = self._imports.get(path)
        if known is None:
            known = () if path.endswith((".so", ".pyd")) else scan_imports(self._files.read(path))
            self._imports[path] = known
        return known

    def targets(self, importer: Module | None, one: Import) -> Iterator[str]:
        """The dotted names that an import may load, parents included."""
        base = one.module
        if one.level and importer is not None:
            parts = importer.name.split(".")
            keep = len(parts) - one.level + (1 if importer.package else 0)
            if keep < 0:
                return
            base = ".".join((*parts[:keep], *([base] if base else [])))
        pieces = base.split(".") if base else []
        for count in range(1, len(pieces) + 1):
            yield ".".join(pieces[:count])
        for name in one.names:
            if name != "*":
                yield f"{base}.{name}" if base else name

    def closure(self, start: Iterable[Module | str], *, lazy: bool) -> set[str]:
        """Paths of all modules that importing `start` loads: with `lazy`, also by what functions import later.
        A string in `start` is a path of a script outside any root."""
        queue: list[tuple[Module | None, str]] = [
            (None, one) if isinstance(one, str) else (one, one.path) for one in start
        ]
        seen: set[str] = set()
        hidden = tuple(f"{site}/" for site in self.inactive)
        while queue:
            module, path = queue.pop()
            if path in seen or (hidden and path.startswith(hidden)):
                continue
            seen.add(path)
            module = module or self.by_path.get(path)
            if module is not None:  # its packages are loaded before it
                for parent in _parents(module.name):
                    queue += [(found, found.path) for found in self.modules.get(parent, ())]
            for one in self.imports(path):
                if one.typing or (one.lazy and not lazy):
                    continue
                for name in self.targets(module, one):
                    queue += [
                        (found, found.path) for found in self.modules.get(name, ()) if found.path not in seen
                    ]
        return seen

    def importers(self, pattern: re.Pattern[bytes], *, keep: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Sources among `keep` whose text holds a pattern, with the text."""
        for path in keep:
            text = self._files.read(path)
            if pattern.search(text):
                yield path, text


def environment_of(files: ImageFiles) -> PythonEnvironment:
    """The environment of an image, made once."""
    known = files.cache.get(PythonEnvironment)
    if not isinstance(known, PythonEnvironment):
        known = PythonEnvironment(files)
        files.cache[PythonEnvironment] = known
    return known


def source_of(pyc: str) -> str | None:
    """The source that a bytecode file was compiled from."""
    match = _PYC.fullmatch(pyc)
    return f"{match[1]}{match[2]}.py" if match else None


def is_test_path(path: str) -> bool:
    """Whether a directory of the path is one of tests by its name."""
    return _TESTS.search(path.rpartition("/")[0]) is not None


def _module(path: str, relative: str) -> Module | None:
    folders, _, name = relative.rpartition("/")
    parts = folders.split("/") if folders else []
    if not all(part.isidentifier() for part in parts):
        return None
    if name.endswith(".py"):
        stem = name[:-3]
        if stem == "__init__":
            return Module(".".join(parts), path, True) if parts else None
    else:
        match = _EXTENSION.fullmatch(name)
        if match is None:
            return None
        stem = match[1]
    return Module(".".join((*parts, stem)), path, False) if stem.isidentifier() else None


def _parents(name: str) -> Iterator[str]:
    parts = name.split(".")[:-1]
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])
