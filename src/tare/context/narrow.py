"""Which parts of a build context an application uses, so that `COPY . .` can name them.

Whatever is not known to be of no use is kept: only Python source that nothing imports, tests, documentation and the files
of development tools are left out, and only where the imports of the application can be followed from what starts it.
"""

import posixpath
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from tare.context.imports import Import
from tare.context.local import bases_of, files_of
from tare.context.project import ProjectFacts, is_requirement_file, is_test
from tare.context.walk import Context

PLAIN = re.compile(r"[\w.@+-]+")
UNUSED_NAME = re.compile(
    r"(?:^|/)(?:LICEN[CS]E|NOTICE|CHANGELOG|CHANGES|CONTRIBUTING|AUTHORS|CODEOWNERS|CODE_OF_CONDUCT|SECURITY|README)(?:\.\w+)?$"
    r"|(?:^|/)(?:Makefile|justfile|Jenkinsfile|tox\.ini|noxfile\.py|mypy\.ini|pytest\.ini|conftest\.py|setup\.cfg"
    r"|\.pre-commit-config\.yaml|\.git(?:ignore|attributes|modules|-blame-ignore-revs)|\.editorconfig|\.flake8|\.coveragerc"
    r"|\.pylintrc|ruff\.toml|\.ruff\.toml|\.python-version|codecov\.ya?ml|\.gitlab-ci\.yml|\.travis\.yml|renovate\.json"
    r"|(?:docker-)?compose[\w.-]*\.ya?ml|[\w.-]*Dockerfile[\w.-]*|[\w.-]*\.dockerignore|tare\.toml|\.hadolint\.ya?ml)$"
    r"|(?:^|/)\.(?:github|circleci|vscode|idea|devcontainer|gitlab|husky)/|\.(?:md|rst|ipynb)$",
    re.IGNORECASE,
)
BY_NAME = re.compile(
    r"import_module\s*\(|__import__\s*\(|pkgutil|iter_modules|walk_packages|entry_points\s*\(|runpy|spec_from_file_location"
    r"|load_source|autodiscover|find_modules|\bexec\s*\(|use_pages"
)
KEPT_SOURCE = re.compile(
    r"(?:^|/)[^/]*(?:conf|settings|customize|wsgi|asgi)[^/]*\.py$|(?:^|/)(?:pages|migrations|plugins)/"
)
CONFIGURATION = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".conf", ".env", ".sh")
NAMES = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
STRINGS = re.compile(r"""["']([A-Za-z_]\w*(?:\.\w+)*)(?::[\w.]+(?:\(\))?)?["']""")
_LARGEST_CONFIGURATION_BYTES = 256 * 1024
_LARGEST_SOURCE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`kept` and `dropped` are entries of the context's top level, directories with a slash at the end. `obstacle` says why
    nothing can be left out, '' when it can."""

    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    obstacle: str = ""


def narrow(
    context: Context, project: ProjectFacts, entries: Collection[str], files: Collection[str]
) -> Narrowing:
    """What an application that starts with the files `entries` uses out of `files`, those that will be sent."""
    if not entries:
        return Narrowing(obstacle="what starts the application is not a Python file of the project")
    if "django" in project.imports:
        return Narrowing(obstacle="Django finds parts of an application by their names")
    named = _named_in_configuration(context, project, files)
    reached = reach(context.root, project, {*entries, *named})
    if any(BY_NAME.search(_text(context.root / path)) for path in sorted(reached)):
        return Narrowing(obstacle="the application looks for modules when it runs")
    links = {entry.path for entry in context.sent if entry.kind == "symlink"}
    opened = {found.value for found in project.opened_files} | {
        found.value for found in project.native_extensions
    }
    kept: set[str] = set()
    seen: set[str] = set()
    for path in files:
        top = _top(path)
        seen.add(top)
        if path in links:
            return Narrowing(obstacle=f"{path} is a link, which a COPY of its own would follow")
        used = path in reached or any(path == one or path.startswith(one + "/") for one in opened)
        if used or not _unused(path, reached):
            kept.add(top)
    filled = {posixpath.dirname(entry.path) for entry in context.entries}
    for entry in context.sent:
        if entry.kind == "directory" and entry.path not in filled:
            kept.add(_top(entry.path + "/x"))  # an application may write to it
    odd = sorted(name for name in kept if not PLAIN.fullmatch(name.rstrip("/")))
    if odd:
        return Narrowing(obstacle=f"{odd[0]} has a name that a COPY reads in another way")
    return Narrowing(tuple(sorted(kept)), tuple(sorted(seen - kept)))


def reach(root: Path, project: ProjectFacts, entries: Iterable[str]) -> frozenset[str]:
    """The source files that the entries import or name in a string, directly or through others, packages' own files
    included."""
    sources = frozenset(project.source_files)
    directories = {posixpath.dirname(path) for path in sources}
    by_path: dict[str, list[Import]] = {}
    for one in project.imported:
        by_path.setdefault(one.path, []).append(one)
    found: set[str] = set()
    waiting = [path for path in entries if path in sources]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += [name for name in _packages(path) if name in sources]
        for one in by_path.get(path, ()):
            for base in bases_of(one, directories):
                waiting += files_of(base, one, sources)
        for name in STRINGS.findall(_text(root / path)):
            waiting += _modules(name, directories, sources)
    return frozenset(found)


def _packages(path: str) -> list[str]:
    """The `__init__.py` of every package around a file."""
    found = []
    directory = posixpath.dirname(path)
    while directory:
        found.append(posixpath.join(directory, "__init__.py"))
        directory = posixpath.dirname(directory)
    return found


def _unused(path: str, reached: frozenset[str]) -> bool:
    if UNUSED_NAME.search(path) or is_test(path) or is_requirement_file(path):
        return True
    return path.endswith((".py", ".pyi")) and path not in reached and not KEPT_SOURCE.search(path)


def _top(path: str) -> str:
    head, slash, _ = path.partition("/")
    return head + slash


def _modules(name: str, directories: set[str], sources: frozenset[str]) -> list[str]:
    """The source files that a dotted name may mean, seen from any directory: a module, a package, or an attribute of it."""
    parts = name.split(".")
    ends = {"/".join(parts[:length]) for length in range(1, len(parts) + 1)}
    candidates = (
        posixpath.join(directory, f"{end}{tail}")
        for directory in directories
        for end in ends
        for tail in (".py", "/__init__.py", "/__main__.py")
    )
    return [path for path in candidates if path in sources]


def _named_in_configuration(
    context: Context, project: ProjectFacts, files: Collection[str]
) -> frozenset[str]:
    """Source files whose dotted names stand in configuration files and scripts."""
    sources = frozenset(project.source_files)
    directories = {posixpath.dirname(path) for path in sources}
    found: set[str] = set()
    for path in files:
        entry = context.by_path.get(path)
        idle = UNUSED_NAME.search(path) is not None and "compose" not in path
        if not path.endswith(CONFIGURATION) or idle or path == "pyproject.toml":
            continue
        if entry is not None and entry.kind == "file" and entry.size_bytes <= _LARGEST_CONFIGURATION_BYTES:
            for name in set(NAMES.findall(_text(context.root / path))):
                if "." in name:
                    found.update(_modules(name, directories, sources))
    return frozenset(found)


def _text(place: Path) -> str:
    try:
        with place.open("rb") as handle:
            return handle.read(_LARGEST_SOURCE_BYTES).decode(errors="replace")
    except OSError:
        return "exec("  # what cannot be read may do anything
