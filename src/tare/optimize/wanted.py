"""Which Python distributions a Dockerfile installs: requirement files, words, the project itself, lock files."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from tare.context.locks import LockFile
from tare.context.pyproject import PyProject
from tare.context.requirements import RequirementLine
from tare.dockerfile import Dockerfile, Stage
from tare.dockerfile.commands import PipCommand, PoetryCommand, UvCommand
from tare.dockerfile.expand import ExpansionError, expand_known
from tare.dockerfile.shell import Word
from tare.dockerfile.stages import effective
from tare.optimize.project import Workplace
from tare.rewrite.anatomy import RunStep, is_python_install, run_steps

TOOLS = frozenset({"pip", "setuptools", "wheel", "uv", "poetry", "pipenv", "pdm", "pip-tools"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that is installed into the final image's environment, as an installer would be asked for it.

    `lines` are requirement lines, `pins` what a lock file holds their versions to. `cached`: a final layer keeps the
    installer's downloads. `compiled`: pip compiles bytecode, uv does not. `lost`: what could not be found out, in words.
    """

    files: tuple[Path, ...] = ()
    constraint_files: tuple[Path, ...] = ()
    lines: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    cached: bool = False
    compiled: bool = True
    lost: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is installed at all."""
        return not (self.files or self.lines or self.lost)


def reachable(document: Dockerfile) -> tuple[Stage, ...]:
    """The stages that the final one takes anything from, itself included, in file order."""
    seen: set[int] = set()
    queue = [document.final]
    while queue:
        stage = queue.pop()
        if stage.index in seen:
            continue
        seen.add(stage.index)
        if stage.parent is not None:
            queue.append(document.stages[stage.parent])
        for node in stage.instructions:
            name = node.flag("from") if node.keyword in ("COPY", "ADD") else None
            named = [name] if name else re.findall(r"from=([\w.-]+)", " ".join(node.flag_values("mount")))
            queue += [found for key in named if (found := document.stage(key)) is not None]
    return tuple(stage for stage in document.stages if stage.index in seen)


def wanted(place: Workplace, document: Dockerfile) -> Wanted:
    """Read every install of a Dockerfile whose result may reach the final image."""
    reader = _Reader(place)
    final = {id(document.final)}
    parent = document.final.parent
    while parent is not None:
        final.add(id(document.stages[parent]))
        parent = document.stages[parent].parent
    for stage in reachable(document):
        environment = {
            key for node in stage.instructions if node.keyword == "ENV" for key, _ in node.env_pairs()
        }
        for step in run_steps(stage):
            reader.variables = effective(document, stage, before=step.instruction).variables
            reader.step(step, in_final=id(stage) in final, environment=environment)
    return reader.result()


class _Reader:
    def __init__(self, place: Workplace) -> None:
        self.place = place
        self.variables: Mapping[str, str | None] = {}
        self.escape = place.dockerfile.escape
        self.files: list[Path] = []
        self.constraints: list[Path] = []
        self.lines: list[str] = []
        self.pins: list[str] = []
        self.index: str | None = None
        self.extra: list[str] = []
        self.links: list[str] = []
        self.cached = False
        self.compiled = False
        self.lost: list[str] = []

    def result(self) -> Wanted:
        return Wanted(
            tuple(dict.fromkeys(self.files)),
            tuple(dict.fromkeys(self.constraints)),
            tuple(dict.fromkeys(self.lines)),
            tuple(dict.fromkeys(self.pins)),
            self.index,
            tuple(dict.fromkeys(self.extra)),
            tuple(dict.fromkeys(self.links)),
            self.cached,
            self.compiled,
            tuple(dict.fromkeys(self.lost)),
        )

    def step(self, step: RunStep, *, in_final: bool, environment: set[str]) -> None:
        for typed in step.typed:
            if not is_python_install(typed):
                continue
            mounted = any("type=cache" in mount for mount in step.instruction.flag_values("mount"))
            if isinstance(typed, PipCommand):
                kept = not (typed.no_cache_dir or "PIP_NO_CACHE_DIR" in environment or mounted)
                self.cached = self.cached or (kept and in_final)
                tools_only = bool(typed.requirements) and all(_is_tool(w.text) for w in typed.requirements)
                tools_only = tools_only and not typed.requirement_files and not typed.editable
                self.compiled = self.compiled or not (tools_only or typed.has("--no-compile"))
                self.pip(typed, in_final=in_final)
            elif isinstance(typed, UvCommand):
                kept = not (typed.no_cache or "UV_NO_CACHE" in environment or mounted)
                self.cached = self.cached or (kept and in_final)
                compiles = typed.has("--compile-bytecode") or "UV_COMPILE_BYTECODE" in environment
                self.compiled = self.compiled or compiles
                if typed.action == "sync":
                    self.locked(self.groups_of_sync(typed))
                else:
                    self.pip(typed, in_final=in_final)
            elif isinstance(typed, PoetryCommand):
                self.cached = self.cached or (
                    not mounted and in_final and "POETRY_NO_CACHE" not in environment
                )
                self.locked(self.groups_of_poetry(typed))

    def pip(self, typed: PipCommand | UvCommand, *, in_final: bool) -> None:
        """What one install asks for. Installers that another stage installs for itself stay there."""
        for word in typed.requirement_files:
            self.file(word, self.files)
        for word in typed.constraint_files:
            self.file(word, self.constraints)
        local = {word.text for word in typed.local_paths}
        for word in (*typed.requirements, *typed.editable):
            text = self.expanded(word.text)
            if not in_final and _is_tool(text):
                continue
            if word.text in local:
                self.project(text)
            elif "$" in text:
                self.lost.append(f"the value of {text} is not known")
            elif text.startswith(("git+", "hg+", "svn+")):
                self.lost.append(f"{text} is a checkout")
            else:
                self.lines.append(text)
        self.index = self.expanded(typed.index_url.text) if typed.index_url else self.index
        self.extra += [self.expanded(word.text) for word in typed.extra_index_urls]
        self.links += [self.expanded(word.text) for word in typed.find_links if "://" in word.text]

    def expanded(self, text: str) -> str:
        """A word with the variables of ARG and ENV filled in, as far as their values are known."""
        try:
            return expand_known(text, dict(self.variables), self.escape) if "$" in text else text
        except ExpansionError:
            return text

    def file(self, word: Word, into: list[Path]) -> None:
        """The file of the context that a path inside the image was copied from: the longest one that it ends in."""
        text = re.sub(r"^\./", "", self.expanded(word.text))
        found = [path for path in self.place.context.files if text == path or text.endswith(f"/{path}")]
        if found:
            into.append(self.place.root / max(found, key=len))
        else:
            self.lost.append(f"{word.text} is not in the build context")

    def project(self, text: str) -> None:
        """What installing a directory of the project brings: the dependencies that its pyproject names."""
        folder, _, extras = text.partition("[")
        if folder.endswith((".whl", ".zip", ".tar.gz")):
            self.lost.append(f"{text} is a file of the project")
            return
        project = self.place.project.pyproject
        if project is None or "dependencies" in project.dynamic:
            self.lost.append(f"what {text} depends on stands in no pyproject.toml")
            return
        self.add(project.dependencies)
        for extra in extras.rstrip("]").split(","):
            self.add(project.extras.get(extra.strip(), ()))

    def locked(self, groups: Iterable[str] | None) -> None:
        """The project's dependencies with the lock's versions. `groups`: beyond the main ones, None for all."""
        project, lock = self.place.project.pyproject, self.place.project.lock
        if project is None:
            self.lost.append("there is no pyproject.toml")
            return
        self.add(project.dependencies)
        chosen = (*project.groups, *project.extras) if groups is None else tuple(groups)
        for name in chosen:
            self.add(project.groups.get(name, project.extras.get(name, ())))
        if lock is None:
            self.lost.append("there is no lock file")
        else:
            self.pins += pins_of(lock)

    def groups_of_sync(self, typed: UvCommand) -> tuple[str, ...]:
        project = self.place.project.pyproject or PyProject("")
        groups = [value.text for value in (*typed.values("--extra"), *typed.values("--group"))]
        if typed.has("--all-extras"):
            groups += project.extras
        if not typed.has("--no-dev", "--no-default-groups", "--no-group"):
            groups.append("dev")
        return tuple(groups)

    def groups_of_poetry(self, typed: PoetryCommand) -> tuple[str, ...]:
        project = self.place.project.pyproject or PyProject("")
        if typed.only_groups:
            return tuple(name for name in typed.only_groups if name != "main")
        return tuple(name for name in project.groups if name not in typed.excluded_groups)

    def add(self, requirements: Iterable[RequirementLine]) -> None:
        self.lines += [line.text for line in requirements]


def pins_of(lock: LockFile) -> Iterator[str]:
    """`name==version` for each distribution that the lock has in one version; a resolver takes those as constraints."""
    names = {package.name for package in lock.packages if package.source == "registry"}
    for name in sorted(names):
        version = lock.version(name)
        if version is not None and canonicalize_name(name) not in TOOLS:
            yield f"{name}=={version}"


def _is_tool(requirement: str) -> bool:
    return re.split(r"[\[=<>~!@; ]", requirement)[0].lower() in TOOLS
