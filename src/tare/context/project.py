"""What a Python project is made of, as far as its build context tells without running anything."""

import posixpath
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from tare.context.behaviour import Found
from tare.context.distributions import PROGRAMS, distribution_of
from tare.context.imports import Import
from tare.context.local import resolve_local
from tare.context.locate import Locator
from tare.context.locks import LOCK_KINDS, LockFile, parse_lock
from tare.context.module import Module, parse_module
from tare.context.pyproject import PyProject, parse_pyproject
from tare.context.requirements import RequirementFile, RequirementLine, read_all
from tare.context.walk import Context, ContextProblem, shown
from tare.context.web import Route, WebApp, health_route

_LARGEST_FILE_BYTES = 8 * 1024 * 1024
_REQUIREMENTS = re.compile(
    r"(^|[/_.-])(requirements|constraints|reqs)([_.-][^/]*)?\.(txt|in|pip)$|(^|/)requirements/[^/]+\.(txt|in)$"
)
_FOREIGN = frozenset(
    {"site-packages", "node_modules", ".git", "__pycache__", ".tox", ".nox", "dist-packages", ".eggs"}
)
_TEST = re.compile(r"(^|/)(tests?|testing|e2e)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_CONFIG = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".conf", ".properties", ".sh")
_LARGEST_CONFIG_BYTES = 256 * 1024
_PATH_WORD = re.compile(r"[\w./+-]*\w[./]\w[\w./+-]*")
_NATIVE = (".pyx", ".pxd", ".c", ".cc", ".cpp", ".cxx", ".cu", ".rs", ".f90", ".so")
_NATIVE_BACKENDS = re.compile(r"scikit_build_core|mesonpy|maturin|setuptools_rust|skbuild")
_GPU_NAMES = re.compile(
    r"^(nvidia-.*|cupy-cuda.*|.*-cu1\d+|onnxruntime-gpu|tensorflow-gpu|faiss-gpu.*|flash-attn|bitsandbytes|xformers|vllm"
    r"|cudf.*|cuml.*|tensorrt.*|pycuda|numba-cuda|deepspeed|triton)$"
)
_GPU_TEXT = re.compile(r"\+cu\d+|/whl/(nightly/)?cu\d+|\[(?:[^\]]*,)?\s*(?:and-)?cuda\d*[^\]]*\]")


@dataclass(frozen=True)
class ProjectFacts:
    """Facts of a project, each with its place. Files that `.dockerignore` leaves out are not read.

    `requirements`: the lines of all requirement files, constraints included (marked). `imported`: every import,
    tests included (marked). `local_modules`: top-level names that the project itself defines. `opened_files`:
    context paths that the application reads, or names in a string. `written`: literal paths that it writes.
    """

    requirement_files: tuple[RequirementFile, ...] = ()
    pyprojects: tuple[PyProject, ...] = ()
    locks: tuple[LockFile, ...] = ()
    source_files: tuple[str, ...] = ()
    imported: tuple[Import, ...] = ()
    local_modules: frozenset[str] = frozenset()
    local_files: frozenset[str] = frozenset()
    native_extensions: tuple[Found, ...] = ()
    opened_files: tuple[Found, ...] = ()
    written: tuple[Found, ...] = ()
    shell_outs: tuple[Found, ...] = ()
    ports: tuple[tuple[int, str, int], ...] = ()
    gpu_hints: tuple[Found, ...] = ()
    web_apps: tuple[WebApp, ...] = ()
    routes: tuple[Route, ...] = ()
    build_files: frozenset[str] = frozenset()
    problems: tuple[ContextProblem, ...] = ()

    @cached_property
    def requirements(self) -> tuple[RequirementLine, ...]:
        """The lines of every requirement file."""
        return tuple(line for file in self.requirement_files for line in file.lines)

    @property
    def pyproject(self) -> PyProject | None:
        """The pyproject nearest to the root."""
        return min(self.pyprojects, key=lambda one: one.path.count("/"), default=None)

    @property
    def lock(self) -> LockFile | None:
        """The lock file nearest to the root."""
        return min(self.locks, key=lambda one: one.path.count("/"), default=None)

    @cached_property
    def third_party(self) -> tuple[Import, ...]:
        """Imports of the application (no tests, no type-checking only) that neither it nor Python brings."""
        return tuple(
            one
            for one in self.imported
            if not (one.test or one.typing_only)
            and one.top
            and one.top not in sys.stdlib_module_names
            and one.top not in self.local_modules
        )

    @cached_property
    def imports(self) -> frozenset[str]:
        """Top-level names of all third-party imports of the application."""
        return frozenset(one.top for one in self.third_party)

    @cached_property
    def required_imports(self) -> frozenset[str]:
        """Those of `imports` that are met without condition: not in a `try`, not below an `if`."""
        return frozenset(one.top for one in self.third_party if not one.guarded)

    @cached_property
    def distributions(self) -> frozenset[str]:
        """Normalised names of the distributions asked for by requirement files and pyprojects."""
        asked = [line for line in self.requirements if not line.constraint]
        for pyproject in self.pyprojects:
            asked.extend(pyproject.dependencies)
        return frozenset(line.name for line in asked if line.name)

    @cached_property
    def programs(self) -> frozenset[str]:
        """Programs that the application starts itself or through a module that it imports."""
        implied = {program for name in self.imports for program in PROGRAMS.get(name, ())}
        return frozenset(found.value for found in self.shell_outs) | implied

    @property
    def health(self) -> Route | None:
        """The route that best tells whether the application is well."""
        return health_route(self.routes)

    def distribution_of(self, module: str) -> str:
        """The distribution that brings a top-level module, one asked for when any fits."""
        return distribution_of(module, self.distributions)

    def closure(self, path: str) -> tuple[RequirementFile, ...]:
        """A requirement file and all that it includes, in the order met."""
        by_path = {file.path: file for file in self.requirement_files}
        found: dict[str, RequirementFile] = {}
        waiting = [path]
        while waiting:
            file = by_path.get(waiting.pop(0))
            if file is not None and file.path not in found:
                found[file.path] = file
                waiting[:0] = [include.target for include in file.includes if include.target]
        return tuple(found.values())


def is_test(path: str) -> bool:
    """Whether a source file is a test by its place or name."""
    return _TEST.search(path) is not None


def is_requirement_file(path: str) -> bool:
    """Whether a file is one of pip's requirement or constraint files by its name."""
    return _REQUIREMENTS.search(path) is not None


def read_project(root: Path, context: Context, requirement_paths: Iterable[str] = ()) -> ProjectFacts:
    """Read a project. `requirement_paths` names requirement files that their names do not give away, such as those
    that a Dockerfile's `pip install -r` names. Files that cannot be read or parsed become problems."""
    reader = _Reader(root, context)
    own = [path for path in sorted(context.files) if not _FOREIGN.intersection(path.split("/"))]
    venvs = tuple(
        posixpath.dirname(p) + "/" for p in own if posixpath.basename(p) == "pyvenv.cfg" and "/" in p
    )
    own = [path for path in own if not path.startswith(venvs)] if venvs else own
    starts = [path for path in own if is_requirement_file(path)]
    files = read_all(dict.fromkeys([*requirement_paths, *starts]), reader.load)
    pyprojects = tuple(
        parse_pyproject(data, path)
        for path in own
        if posixpath.basename(path) == "pyproject.toml" and (data := reader.load(path)) is not None
    )
    locks = tuple(
        parse_lock(data, path)
        for path in own
        if posixpath.basename(path) in LOCK_KINDS and (data := reader.load(path)) is not None
    )
    sources = tuple(path for path in own if path.endswith(".py"))
    modules = tuple(module for path in sources if (module := reader.module(path)) is not None)
    imported = tuple(one for module in modules for one in module.imports)
    seen = [module for module in modules if not module.test]
    locator = Locator(context)
    local_modules, local_files = resolve_local(imported, frozenset(sources))
    return ProjectFacts(
        requirement_files=files,
        pyprojects=pyprojects,
        locks=locks,
        source_files=sources,
        imported=imported,
        local_modules=local_modules,
        local_files=local_files,
        native_extensions=_native(own, pyprojects, modules),
        opened_files=locator.existing(chain(_mentions(seen), _configured(own, context, reader))),
        written=tuple(found for one in seen for found in one.behaviour.written),
        shell_outs=tuple(found for one in seen for found in one.behaviour.programs),
        ports=tuple(port for one in seen for port in one.behaviour.ports),
        gpu_hints=(
            *(found for one in seen for found in one.behaviour.gpu),
            *_gpu_requirements(files, pyprojects),
        ),
        web_apps=tuple(app for one in seen for app in one.apps),
        routes=tuple(route for one in seen for route in one.routes),
        build_files=_build_files(own, files, pyprojects),
        problems=(*reader.problems, *_parse_problems(files, pyprojects, locks)),
    )


class _Reader:
    """Reads regular files of the context, never through a link that leaves it, never more than 8 MiB."""

    def __init__(self, root: Path, context: Context) -> None:
        self.root = root
        self.context = context
        self.problems: list[ContextProblem] = []

    def load(self, path: str) -> bytes | None:
        entry = self.context.by_path.get(path)
        if entry is None or entry.ignored or entry.kind not in ("file", "symlink"):
            return None
        place = self.root / path
        try:
            if entry.kind == "symlink" and not place.resolve().is_relative_to(self.root.resolve()):
                return None
            if not place.is_file():
                return None
            with place.open("rb") as handle:
                data = handle.read(_LARGEST_FILE_BYTES + 1)
        except (OSError, RuntimeError) as error:
            self.problem(path, f"cannot be read: {error}")
            return None
        if len(data) > _LARGEST_FILE_BYTES:
            self.problem(path, "larger than 8 MiB; not read")
            return None
        return data

    def module(self, path: str) -> Module | None:
        data = self.load(path)
        if data is None:
            return None
        try:
            return parse_module(data, path, test=is_test(path))
        except SyntaxError as error:
            self.problem(path, f"not valid Python: {error.msg} (line {error.lineno or 1})")
        except (ValueError, RecursionError, MemoryError) as error:
            self.problem(path, f"not valid Python: {error}")
        return None

    def problem(self, path: str, message: str) -> None:
        self.problems.append(ContextProblem(shown(path), message))


def _mentions(seen: Iterable[Module]) -> Iterator[Found]:
    for module in seen:
        yield from module.behaviour.opened
        yield from module.behaviour.mentioned


def _configured(own: list[str], context: Context, reader: _Reader) -> Iterator[Found]:
    """Words with the look of a path in small configuration files and shell scripts."""
    for path in own:
        small = context.by_path[path].size_bytes <= _LARGEST_CONFIG_BYTES
        if small and path.endswith(_CONFIG) and not path.startswith(".") and not is_test(path):
            data = reader.load(path) or b""
            for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
                for word in _PATH_WORD.findall(line):
                    yield Found(word, path, number)


def _native(
    own: list[str], pyprojects: tuple[PyProject, ...], modules: tuple[Module, ...]
) -> tuple[Found, ...]:
    """Native sources and ready-made libraries where a build would use them: with a setup.py that has extensions, a
    native build backend, or (for `.so`) anywhere."""
    builders = [module.path for module in modules if module.builds_extensions]
    builders += [p.path for p in pyprojects if _NATIVE_BACKENDS.search(p.build_backend or "")]
    homes = tuple(posixpath.dirname(path) for path in builders)
    return tuple(
        Found(path, path, 1)
        for path in own
        if path.endswith(_NATIVE)
        and (path.endswith(".so") or any(not home or path.startswith(home + "/") for home in homes))
    )


def _gpu_requirements(files: tuple[RequirementFile, ...], pyprojects: tuple[PyProject, ...]) -> list[Found]:
    lines = [line for file in files for line in file.lines if not line.constraint]
    for pyproject in pyprojects:
        lines.extend(pyproject.dependencies)
    found = [
        Found(line.text, line.path, line.line)
        for line in lines
        if _GPU_NAMES.match(line.name or "") or _GPU_TEXT.search(line.text)
    ]
    for file in files:
        found.extend(Found(f"{n} {v}", file.path, line) for n, v, line in file.options if _GPU_TEXT.search(v))
    return found


def _build_files(
    own: list[str], files: tuple[RequirementFile, ...], pyprojects: tuple[PyProject, ...]
) -> frozenset[str]:
    """Files that installing the dependencies or the project reads."""
    present = frozenset(own)
    wanted = {file.path for file in files}
    for path in own:
        if posixpath.basename(path) in (
            *LOCK_KINDS,
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
            "MANIFEST.in",
            "Pipfile",
            "uv.toml",
            "pip.conf",
            "environment.yml",
            "environment.yaml",
            "meson.build",
            "CMakeLists.txt",
            "Cargo.toml",
            "Cargo.lock",
        ):
            wanted.add(path)
    for pyproject in pyprojects:
        home = posixpath.dirname(pyproject.path)
        wanted.update(posixpath.normpath(posixpath.join(home, name)) for name in pyproject.build_files)
    for file in files:
        local = [line.url for line in file.lines if line.is_local and line.url]
        for address in (*local, *file.values("--find-links")):
            for home in ("", posixpath.dirname(file.path)):
                wanted.add(posixpath.normpath(posixpath.join(home, address)))
    held = {path for path in wanted if any(other.startswith(path + "/") for other in own)}
    return frozenset((wanted & present) | held)


def _parse_problems(
    files: tuple[RequirementFile, ...], pyprojects: tuple[PyProject, ...], locks: tuple[LockFile, ...]
) -> list[ContextProblem]:
    found = [ContextProblem(shown(file.path), text) for file in files for text in file.problems]
    found += [ContextProblem(shown(one.path), text) for one in pyprojects for text in one.problems]
    return found + [ContextProblem(shown(lock.path), lock.problem) for lock in locks if lock.problem]
