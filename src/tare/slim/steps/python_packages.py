"""Python distributions that neither the application nor what it imports reaches, each as a whole."""

import configparser
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tare.image.catalog import Package
from tare.slim.model import Level, Proposal
from tare.slim.python.environment import PythonEnvironment, environment_of
from tare.slim.start import read_start
from tare.slim.view import View

_DYNAMIC = re.compile(rb"(?:import_module|__import__|find_spec)\(\s*(?![\"'\s])")
_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})


@dataclass(frozen=True, slots=True)
class PythonPackages:
    """Kept: what imports reach, lazy ones included; what kept distributions require; plug-ins whose entry-point group
    kept code names; distributions with a `.pth` file. All stay where the start is not understood, where it is no Python,
    or where the application imports by names that it computes."""

    name: str = "python-packages"
    level: Level = Level.REACH
    reason: str = "no import, requirement or entry point of what the start reaches leads to them"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Each distribution with all that its RECORD lists."""
        environment = environment_of(view.files)
        start = read_start(view.files)
        if not start.known or not start.python:
            view.notes.append(
                f"Python packages stay: {start.unknown[0] if start.unknown else 'the start is no Python'}"
            )
            return
        for path in environment.application:
            if _DYNAMIC.search(view.files.read(path)):
                view.notes.append(f"Python packages stay: {path} imports by computed names")
                return
        found = {
            _normal(one.name): one
            for one in view.files.analysis.packages
            if one.manager == "python" and one.files and view.visible(one.database) and _own(view, one)
        }
        kept = self._kept(view, environment, found)
        for name in sorted(found.keys() - kept):
            package = found[name]
            evidence = f"{package.name} {package.version}: no import of the start leads to it"
            for path in package.files:
                node = view.files.analysis.tree.resolve(path)
                if (
                    node is not None
                    and node.children is None
                    and not self._shared(node.path, package, found, kept)
                ):
                    yield Proposal(node.path, evidence)
            yield Proposal(package.database.rpartition("/")[0], evidence)
            for directory in _directories(view, package):
                yield Proposal(directory, evidence)

    def _shared(self, path: str, package: Package, found: Mapping[str, Package], kept: set[str]) -> bool:
        return any(
            path in other.files for name, other in found.items() if name in kept and other is not package
        )

    def _kept(self, view: View, environment: PythonEnvironment, found: Mapping[str, Package]) -> set[str]:
        owner: dict[str, str] = {}
        for name, package in found.items():
            for path in package.files:
                owner[path] = name
        start = read_start(view.files)
        roots = [environment.by_path.get(path) or path for path in (*start.python, *environment.application)]
        for path in view.present():
            if path.endswith(".pth") and environment.in_site(path):
                for line in view.files.read(path).decode("utf-8", "replace").splitlines():
                    for word in re.findall(r"[A-Za-z_]\w*", line) if line.startswith("import") else []:
                        roots += environment.modules.get(word, ())
        kept: set[str] = set()
        wanted: list[str] = [owner[path] for path in start.programs if path in owner]
        wanted += [owner[path] for path in view.present() if path.endswith(".pth") and path in owner]
        entry_points = {name: _groups(view, package) for name, package in found.items()}
        requires = {name: _requires(view, package) for name, package in found.items()}
        reached = environment.closure(roots, lazy=True)
        wanted += [owner[path] for path in reached if path in owner]
        named = self._named_groups(
            view, reached, {group for groups in entry_points.values() for group in groups}
        )
        while True:
            while wanted:
                name = wanted.pop()
                if name in found and name not in kept:
                    kept.add(name)
                    wanted += requires[name]
            wanted += [name for name, groups in entry_points.items() if name not in kept and groups & named]
            if wanted:
                continue
            more = [
                environment.by_path[path]
                for name in kept
                for path in found[name].files
                if path in environment.by_path and path not in reached and path.endswith("__init__.py")
            ]
            fresh = environment.closure(more, lazy=True) - reached
            reached |= fresh
            wanted = [owner[path] for path in fresh if path in owner and owner[path] not in kept]
            if not wanted:
                return kept

    def _named_groups(self, view: View, reached: Iterable[str], groups: set[str]) -> set[str]:
        named: set[str] = set()
        groups = groups - _SCRIPTS
        for path in reached:
            if path.endswith(".py") and len(named) < len(groups):
                text = view.files.read(path)
                named |= {
                    group
                    for group in groups - named
                    if f'"{group}"'.encode() in text or f"'{group}'".encode() in text
                }
        return named


def _own(view: View, package: Package) -> bool:
    owner = view.files.owner(package.database)
    return owner is None or owner.manager == "python"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requires(view: View, package: Package) -> list[str]:
    text = view.files.read(package.database).decode("utf-8", "replace")
    found = []
    for line in text.splitlines():
        if not line:
            break
        if line.startswith("Requires-Dist:") and "extra ==" not in line.replace("extra==", "extra =="):
            match = re.match(r"Requires-Dist:\s*([A-Za-z0-9._-]+)", line)
            if match:
                found.append(_normal(match[1]))
    return found


def _groups(view: View, package: Package) -> set[str]:
    path = f"{package.database.rpartition('/')[0]}/entry_points.txt"
    if path not in view.files.nodes:
        return set()
    parser = configparser.ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    try:
        parser.read_string(view.files.read(path).decode("utf-8", "replace"))
    except configparser.Error:
        return set()
    return set(parser.sections())


def _directories(view: View, package: Package) -> Iterable[str]:
    """Directories that hold nothing but what went: without them a name would become a namespace package."""
    counts: dict[str, int] = defaultdict(int)
    site = package.database.rpartition("/")[0].rpartition("/")[0]
    listed = {path for path in package.files if path.startswith(f"{site}/")}
    tops = {
        f"{site}/{path[len(site) + 1 :].partition('/')[0]}" for path in listed if "/" in path[len(site) + 1 :]
    }
    for top in sorted(tops):
        left = [
            node.path
            for node in view.beneath(top)
            if node.children is None and node.path not in listed and not node.path.endswith(".pyc")
        ]
        counts[top] = len(left)
        if not left:
            yield top
