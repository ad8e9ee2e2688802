"""What transforms need of a project's manifests, locks and requirement files."""

import re

from packaging.utils import canonicalize_name

from tare.context.project import ProjectFacts
from tare.context.pyproject import PyProject
from tare.rewrite.facts import Manifest, Pins

CARRIED = frozenset({"--index-url", "--extra-index-url", "--pre", "--prefer-binary"})
PLAIN = re.compile(r"^[\w./:+=-]+$")


def local_locks(project: ProjectFacts) -> frozenset[str]:
    """Lock files that install directories of the project beside the project itself."""
    names = {canonicalize_name(pyproject.name) for pyproject in project.pyprojects if pyproject.name}
    own = names if len(project.pyprojects) == 1 else set()
    return frozenset(
        lock.path
        for lock in project.locks
        if any(package.source == "path" and package.name not in own for package in lock.packages)
    )


def manifest(pyproject: PyProject) -> Manifest:
    """What `pip install` of a directory can be told beforehand."""
    lines = [*pyproject.dependencies, *(line for extra in pyproject.extras.values() for line in extra)]
    own = canonicalize_name(pyproject.name) if pyproject.name else None
    obstacle = ""
    if pyproject.problems:
        obstacle = f"{pyproject.path} cannot be read in full"
    elif pyproject.poetry:
        obstacle = f"{pyproject.path} names its dependencies in Poetry's own form"
    elif pyproject.name is None:
        obstacle = f"{pyproject.path} describes no project"
    elif {"dependencies", "optional-dependencies"} & set(pyproject.dynamic):
        obstacle = f"{pyproject.path} leaves its dependencies to the build (dynamic)"
    elif any(line.is_local or (line.url or "").startswith("file:") for line in lines):
        obstacle = f"{pyproject.path} depends on directories of the project"
    elif any(line.name == own for line in lines):
        obstacle = f"extras of {pyproject.path} name the project itself"
    dependencies = None if obstacle else tuple(line.text for line in pyproject.dependencies)
    return Manifest(pyproject.path, dependencies, frozenset(pyproject.extras), obstacle)


def pins(project: ProjectFacts) -> tuple[Pins, ...]:
    """For each requirement file, with all that it includes: which versions it leaves no choice about."""
    return tuple(_pins(project, file.path) for file in project.requirement_files)


def _pins(project: ProjectFacts, path: str) -> Pins:
    files = project.closure(path)
    options = [(name, value) for file in files for name, value, _ in file.options]
    words = tuple(word for name, value in options for word in ((name, value) if value else (name,)))
    lines = [line for file in files for line in file.lines]
    obstacle = ""
    odd = next((name for name, _ in options if name not in CARRIED), None)
    if odd is not None:
        obstacle = f"{path} sets {odd}"
    elif any(line.hashes for line in lines):
        obstacle = f"{path} gives hashes, which a command line cannot check"
    elif any(not PLAIN.match(word) for word in words):
        obstacle = f"{path} names an index that should not be repeated in the Dockerfile"
    elif any(file.problems for file in files):
        obstacle = f"{path} cannot be read in full"
    wanted = [line for line in lines if not line.constraint]
    names = [line.name for line in lines]
    exact = tuple(
        (line.name, line.pinned)
        for line in wanted
        if line.name and line.pinned and names.count(line.name) == 1
        and not (line.marker or line.options or line.editable or line.url)
    )  # fmt: skip
    return Pins(path, exact, words, obstacle)
