"""pip, setuptools and wheel, where nothing imports them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.image.catalog import Package
from tare.slim.model import Level, Proposal
from tare.slim.python.environment import environment_of, is_test_path
from tare.slim.start import read_start
from tare.slim.view import View

_MODULES = {
    "pip": ("pip",),
    "wheel": ("wheel",),
    "setuptools": ("setuptools", "pkg_resources", "_distutils_hack"),
}
_SYSTEM = {
    "pip": ("python3-pip", "python3-pip-whl"),
    "wheel": ("python3-wheel",),
    "setuptools": ("python3-setuptools", "python3-pkg-resources", "python3-setuptools-whl"),
}
_FRONT_END = re.compile(r"usr/(?:lib/python3/dist-packages|share/python-wheels|bin)/.*")
_IMPORT = re.compile(
    rb"\b(?:from|import|import_module\(|__import__\()[ \t\"']*(?:pip|wheel|setuptools|pkg_resources|distutils)\b"
)
_NAMED = re.compile(rb"[\"'](?:-m )?(pip|setuptools|wheel|pkg_resources)[\"']")


@dataclass(frozen=True, slots=True)
class BuildFrontEnds:
    """Each stays when the application imports or names it, or when importing any installed package imports it.

    Imports inside functions of libraries do not count: they build extensions (`torch.utils.cpp_extension`), for which
    a compiler would be needed, too. Where there is a compiler, setuptools stays.
    """

    name: str = "build-front-ends"
    level: Level = Level.SAFE
    reason: str = "installers are done when the image is built"

    def plan(self, view: View) -> Iterable[Proposal]:
        """The distribution's files, its metadata, its `.pth` file, and the wheels that ensurepip would install."""
        found = {
            package.name.lower(): package
            for package in view.files.analysis.packages
            if package.manager == "python" and package.name.lower() in _MODULES and _installed(view, package)
        }
        needed = _needed(view)
        for name, package in found.items():
            if by := needed.get(name):
                view.notes.append(f"{name} stays: {by} uses it")
                continue
            yield from _distribution(view, package, name)
        yield from _of_the_system(view, needed)
        if "pip" in found and "pip" not in needed:
            for path in view.matching("*.whl"):
                if "/ensurepip/_bundled/" in path:
                    yield Proposal(path, "a wheel that only ensurepip installs")


def _of_the_system(view: View, needed: dict[str, str]) -> Iterable[Proposal]:
    """The same from Debian's packages, which are then marked as trimmed, and the wheels that `venv` installs."""
    for name, packages in _SYSTEM.items():
        if name in needed:
            continue
        for package in view.files.analysis.packages:
            if package.manager != "dpkg" or package.name not in packages:
                continue
            evidence = f"{package.name} {package.version}: an installer of Python packages; nothing uses it"
            for path in package.files:
                node = view.files.analysis.tree.resolve(path)
                if node is not None and node.children is None and _FRONT_END.fullmatch(node.path):
                    yield Proposal(node.path, evidence)
        for path in view.present():  # bytecode is in no package's list
            if path.endswith(".pyc") and path.startswith(
                tuple(f"usr/lib/python3/dist-packages/{module}/" for module in _MODULES[name])
            ):
                yield Proposal(path, "bytecode of an installer of Python packages")


def _installed(view: View, package: Package) -> bool:
    owner = view.files.owner(package.database)
    return view.visible(package.database) and (owner is None or owner.manager == "python")


def _needed(view: View) -> dict[str, str]:
    environment = environment_of(view.files)
    names = {module: name for name, modules in _MODULES.items() for module in modules}
    if not any(f"{library}/distutils/__init__.py" in view.files.nodes for library in environment.stdlibs):
        names["distutils"] = "setuptools"
    needed: dict[str, str] = {}
    for path in read_start(view.files).python:
        module = environment.by_path.get(path)
        if module and module.name.partition(".")[0] in names:
            needed.setdefault(names[module.name.partition(".")[0]], "the entry point")
    for path in environment.application:
        text = view.files.read(path)
        for one in environment.imports(path):
            top = one.module.partition(".")[0]
            if not one.level and top in names and not path.endswith("setup.py"):
                needed.setdefault(names[top], path)
        for found in _NAMED.findall(text):
            if found.decode() in names and not path.endswith("setup.py"):
                needed.setdefault(names[found.decode()], path)
    own = tuple(f"{site}/{module}/" for site in environment.sites for module in names)
    tops = [
        module
        for name, modules in environment.modules.items()
        if "." not in name and name not in names
        for module in modules
        if environment.in_site(module.path) and not is_test_path(module.path) and view.visible(module.path)
    ]
    loaded = environment.closure([*tops, *environment.application], lazy=False)
    for path in sorted(loaded):
        if path.startswith(own) or not view.visible(path) or not environment.in_site(path):
            continue
        for one in environment.imports(path):
            top = one.module.partition(".")[0]
            if not one.level and not one.lazy and not one.typing and top in names:
                needed.setdefault(names[top], path)
    if view.has_compiler():
        needed.setdefault("setuptools", "the image has a compiler; building extensions")
    if "wheel" not in needed and "setuptools" in needed:
        needed["wheel"] = "setuptools"
    return needed


def _distribution(view: View, package: Package, name: str) -> Iterable[Proposal]:
    site = package.database.rpartition("/")[0].rpartition("/")[0]
    evidence = f"{name} {package.version}: no package imports it when it is imported, the application never"
    for module in _MODULES[name]:
        if f"{site}/{module}" in view.files.nodes:
            yield Proposal(f"{site}/{module}", evidence)
    for path in package.files:
        node = view.files.analysis.tree.resolve(path)
        if node is not None and node.children is None:
            yield Proposal(node.path, evidence)
    metadata = package.database.rpartition("/")[0]
    yield Proposal(metadata, evidence)
    if name == "setuptools":
        yield Proposal(f"{site}/distutils-precedence.pth", evidence)
