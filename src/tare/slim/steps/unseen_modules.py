"""Modules and libraries of Python packages that no workload was seen to use and that nothing of what was seen imports."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tare.slim.model import Level, Proposal
from tare.slim.python.environment import Module, PythonEnvironment, environment_of, source_of
from tare.slim.reach.libraries import names_in_elf, names_in_python
from tare.slim.reach.linking import needed_libraries
from tare.slim.view import View

_DOTTED = re.compile(rb"(?<=\0)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?=\0)")
_DYNAMIC = re.compile(rb"(?:import_module|__import__)\(\s*(?![\"'\s])")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class UnseenModules:
    """The trace united with the static closure, module by module: kept are modules that any process opened or looked up,
    what they import when they are imported, what C code names, and what the application imports anywhere. Data files
    of packages of which a module stays, stay; so do the standard library, the application, and all metadata."""

    seen: frozenset[str] = frozenset()
    """Paths of nodes that workloads used; empty: nothing was traced, and the step does nothing."""
    workloads: tuple[str, ...] = field(default=())
    name: str = "unseen-modules"
    level: Level = Level.TRACE
    reason: str = "no workload used them, and nothing that one used imports them"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Modules with their bytecode, libraries, packages as a whole, and the directories that they leave empty."""
        if not self.seen:
            return
        environment = environment_of(view.files)
        kept = self._modules(view, environment)
        tops = {top for path in kept if (top := _top(environment, path))}
        gone: dict[str, str] = {}
        libraries = []
        for path in view.present():
            if not environment.in_site(path) or path in kept or path in self.seen or _metadata(path):
                continue
            module = environment.by_path.get(path)
            if module is not None:
                gone[path] = f"the module {module.name}: not seen, and nothing seen imports it"
            elif (
                (top := _top(environment, path))
                and top not in tops
                and top in _with_modules(view, environment)
            ):
                gone[path] = "of a package of which no module was seen"
            elif path in needed_libraries(view):
                libraries.append(path)
        for path in self._unneeded(view, libraries, gone, environment):
            gone[path] = "a library that no process opened and no library or module that stays names"
        for path in view.matching("*.pyc"):
            source = source_of(path)
            if path not in gone and source in gone:
                gone[path] = f"bytecode of {source}, which goes"
        self._tell(view, environment, kept, gone)
        for path, evidence in gone.items():
            yield Proposal(path, evidence)
        yield from self._emptied(view, gone, environment)

    def _modules(self, view: View, environment: PythonEnvironment) -> set[str]:
        known = environment.by_path
        roots: list[Module | str] = [known[path] for path in self.seen if path in known]
        for path in self.seen:
            source = source_of(path) if path.endswith(".pyc") else None
            if source is not None and source in known:
                roots.append(known[source])
        for path in environment.application:
            module = known.get(path)
            roots.append(module or path)
            for one in environment.imports(path):
                for name in environment.targets(module, one):
                    roots += environment.modules.get(name, ())
        kept = environment.closure(roots, lazy=False)
        while True:
            named: list[Module | str] = []
            for path in sorted(path for path in kept if path.endswith(".so")):
                for name in _names_in_extension(view, path):
                    named += environment.modules.get(name, ())
            more = environment.closure(named, lazy=False) - kept
            if not more:
                return kept
            kept |= more

    def _unneeded(
        self, view: View, candidates: list[str], gone: dict[str, str], environment: PythonEnvironment
    ) -> set[str]:
        """Candidates that nothing that stays links to or names."""
        left = set(candidates)
        by_name: dict[str, set[str]] = defaultdict(set)
        for path in candidates:
            by_name[path.rpartition("/")[2]].add(path)
        names: set[str] = set()
        for path in view.present():
            if path.endswith(".py") and path not in gone and environment.in_site(path):
                names |= names_in_python(view.files.read(path))[0]
        queue = [
            path
            for path in needed_libraries(view)
            if view.visible(path) and path not in gone and path not in left
        ]
        while queue:
            path = queue.pop()
            names |= set(needed_libraries(view)[path])
            node = view.files.nodes[path]
            if environment.in_site(path) and node.inode.entry.sparse is None:
                names |= names_in_elf(view.files.contents.pieces(node.inode, 0, node.inode.entry.size_bytes))
            for name in names & by_name.keys():
                queue += by_name[name] & left
                left -= by_name[name]
        return left

    def _emptied(
        self, view: View, gone: dict[str, str], environment: PythonEnvironment
    ) -> Iterable[Proposal]:
        """Directories that hold nothing any more and that no process looked at: left there, they would be packages."""
        folders = {path.rpartition("/")[0] for path in gone}
        for path in list(folders):
            while environment.in_site(path := path.rpartition("/")[0]):
                folders.add(path)
        for folder in sorted(folders, key=len, reverse=True):
            if folder in self.seen or not environment.in_site(folder) or folder not in view.files.nodes:
                continue
            left = (
                node.path in self.seen if node.children is not None else node.path not in gone
                for node in view.beneath(folder)
            )
            if not any(left):
                yield Proposal(folder, "a directory that became empty; no process looked at it")

    def _tell(self, view: View, environment: PythonEnvironment, kept: set[str], gone: dict[str, str]) -> None:
        """Coverage and risks, as notes."""
        site = [path for path in environment.by_path if environment.in_site(path) and view.visible(path)]
        seen = sum(path in self.seen for path in site)
        stay = sum(path in kept or path in self.seen for path in site)
        view.notes.append(
            f"trace: {len(self.workloads)} workloads used {len(self.seen)} paths; of {len(site)} modules in site-packages {seen}"
            f" were seen and {stay} stay"
        )
        lost: Counter[str] = Counter()
        dynamic = []
        for path in sorted(kept):
            if not environment.in_site(path) or not path.endswith(".py") or not view.visible(path):
                continue
            module = environment.by_path.get(path)
            for one in environment.imports(path):
                for name in environment.targets(module, one) if one.lazy else ():
                    found = environment.modules.get(name, ())
                    if found and all(other.path in gone for other in found):
                        lost[name] += 1
            if _DYNAMIC.search(view.files.read(path)):
                dynamic.append(path)
        if lost:
            most = ", ".join(name for name, _ in lost.most_common(_SHOWN))
            view.notes.append(
                f"risk: functions of modules that stay import {len(lost)} modules that go, such as {most}; no workload"
                " called them"
            )
        if dynamic:
            view.notes.append(
                f"risk: {len(dynamic)} modules that stay import by computed names, such as {dynamic[0]}; only what"
                " workloads made them import is known"
            )


def _top(environment: PythonEnvironment, path: str) -> str | None:
    """`site/NAME` of a path beneath a directory of site-packages."""
    site = next((site for site in environment.sites if path.startswith(f"{site}/")), None)
    if site is None or "/" not in path[len(site) + 1 :]:
        return None
    return f"{site}/{path[len(site) + 1 :].partition('/')[0]}"


def _metadata(path: str) -> bool:
    return ".dist-info/" in path or ".egg-info" in path or path.endswith(".pth")


def _with_modules(view: View, environment: PythonEnvironment) -> frozenset[str]:
    """Top-level directories that hold modules; those of libraries alone (`numpy.libs`) are none."""
    known = view.files.cache.get("tops with modules")
    if not isinstance(known, frozenset):
        known = frozenset(top for path in environment.by_path if (top := _top(environment, path)))
        view.files.cache["tops with modules"] = known
    return known


def _names_in_extension(view: View, path: str) -> frozenset[str]:
    """Dotted names that C code may import."""
    key = ("dotted", path)
    known = view.files.cache.get(key)
    if not isinstance(known, frozenset):
        text = view.files.read(path)
        found = _DOTTED.findall(text) if b"PyImport_" in text else []
        known = frozenset(name.decode() for name in found)
        view.files.cache[key] = known
    return known
