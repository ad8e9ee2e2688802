"""The Python of a base image, found without running anything."""

import re
from dataclasses import dataclass

from tare.core.errors import ImageError
from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.tarhead import FILE
from tare.knowledge.targets import Target, target_for

PLACES = ("usr/local/bin", "usr/bin", "opt/python/bin", "opt/conda/bin")
NAME = re.compile(r"python(3\.\d+)")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """`path` of the interpreter in the image, and the target that wheels are chosen for."""

    path: str
    target: Target


def find_interpreter(analysis: Analysis, contents: Contents) -> Interpreter:
    """The first `python3.N` on the usual places. Raises `ImageError` when there is none or the system is not known."""
    tree = analysis.tree
    for place in PLACES:
        directory = tree.resolve(place)
        for name, node in sorted((directory.children or {}).items()) if directory is not None else ():
            found = NAME.fullmatch(name)
            if found and node.inode.entry.kind is FILE:
                return Interpreter(f"/{place}/{name}", _target(analysis, contents, found[1]))
    raise ImageError(
        "the base image has no Python",
        where=analysis.image.reference,
        hint="name a Python base, such as python:3.11-slim",
    )


def _target(analysis: Analysis, contents: Contents, version: str) -> Target:
    release = _release(analysis, contents)
    platform = analysis.image.config.platform
    target = target_for(version, f"linux/{platform.architecture}", release.get("VERSION_CODENAME"))
    return target.with_musl() if release.get("ID") == "alpine" else target


def _release(analysis: Analysis, contents: Contents) -> dict[str, str]:
    """`/etc/os-release` as a mapping (os-release(5))."""
    for path in ("etc/os-release", "usr/lib/os-release"):
        node = analysis.tree.resolve(path)
        if node is not None and node.inode.entry.kind is FILE:
            text = contents.read(node.inode).decode("utf-8", "replace")
            pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
            return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}
    return {}
