"""Layers by package: one for each large package, one for what changes together, the application last.

An application change then pulls the application's layer only, and images with the same packages share layers: a
layer holds exactly one version of one package, with nothing of the image around it.
"""

from collections import defaultdict

from tare.image.mutate import Placing
from tare.image.tarhead import DIRECTORY, FILE
from tare.image.tree import Node
from tare.slim.python.environment import environment_of
from tare.slim.view import View

_SYSTEM, _REST, _APPLICATION = "system", "other packages", "application"
_SYSTEM_PATHS = ("usr", "lib", "bin", "sbin", "etc", "var", "opt")


def by_package(view: View, count: int) -> tuple[tuple[str, ...], Placing]:
    """Names of the layers from the lowest up, and which a node goes to. At most `count` layers: the largest packages
    get one each; the others share one for the system and one for Python."""
    environment = environment_of(view.files)
    application = frozenset(environment.application)
    sizes: dict[str, int] = defaultdict(int)
    keys: dict[str, str] = {}
    for path, node in view.files.nodes.items():
        if node.inode.entry.kind is DIRECTORY:
            continue
        package = view.files.owner(path)
        if package is None:
            site = environment.in_site(path)
            inside = path.startswith(_SYSTEM_PATHS) and path not in application
            key = _REST if site else _SYSTEM if inside else _APPLICATION
        elif package.manager == "python":
            key = f"python {package.name} {package.version}"
        else:
            key = _SYSTEM
        keys[path] = key
        if node.inode.entry.kind is FILE and path not in view.removed:
            sizes[key] += view.size(path)
    packages = sorted(
        (key for key in sizes if key not in (_SYSTEM, _REST, _APPLICATION)),
        key=lambda key: (-sizes[key], key),
    )
    own = sorted(packages[: max(0, count - 3)])
    names = (_SYSTEM, *own, _REST, _APPLICATION)
    places = {name: place for place, name in enumerate(names)}

    def place(node: Node) -> int:
        if node.inode.entry.kind is not DIRECTORY:
            return places.get(keys.get(node.path, _SYSTEM), places[_REST])
        first = _first_file(node)
        if first is not None:
            return places.get(keys.get(first.path, _SYSTEM), places[_REST])
        return places[_SYSTEM if node.path.startswith(_SYSTEM_PATHS) or not node.path else _APPLICATION]

    return names, place


def _first_file(node: Node) -> Node | None:
    """The first name beneath a directory that is no directory."""
    stack = [node]
    while stack:
        for child in (stack.pop().children or {}).values():
            if child.children is None:
                return child
            stack.append(child)
    return None
