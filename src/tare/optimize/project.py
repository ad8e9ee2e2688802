"""A project as the pipeline needs it: its files as read, and the facts that transforms decide by."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from tare.context.ignore import parse_ignore
from tare.context.narrow import Narrowing, narrow
from tare.context.project import ProjectFacts, read_project
from tare.context.propose import IgnoreProposal, propose_ignore
from tare.context.scripts import SERVICES, script_programs
from tare.context.walk import Context, read_context
from tare.core.errors import ContextError, UsageError
from tare.dockerfile import Dockerfile, parse
from tare.dockerfile.commands import PipCommand, UvCommand
from tare.dockerfile.stages import effective
from tare.rewrite.anatomy import run_steps
from tare.rewrite.facts import Facts, RewriteSettings
from tare.rewrite.manifests import local_locks, manifest, pins
from tare.rewrite.start import entry_files, start_programs, start_scripts

DEVELOPMENT = frozenset(
    {"dev", "develop", "development", "test", "tests", "testing", "lint", "linting", "docs", "doc", "typing"}
)
"""Names of dependency groups that no application needs when it runs."""
PORT_OPTION = re.compile(
    r"(?:--port[= ]|-p[= ]|--bind[= ]\S*?:|-b[= ]\S*?:|runserver \S*?:|server\.port[= ])(\d{2,5})\b"
)


@dataclass(frozen=True)
class Workplace:
    """Everything that was read. `proposed_ignore` equals `context.ignore_text` when it leaves nothing to improve."""

    root: Path
    dockerfile_path: Path
    text: str
    dockerfile: Dockerfile
    context: Context
    project: ProjectFacts
    facts: Facts
    ignore_path: Path
    proposed_ignore: str
    proposal: IgnoreProposal

    @property
    def source_file(self) -> str | None:
        """A source file whose change stands for any change of the source."""
        files = [path for path in self.project.source_files if not path.startswith("test")]
        return min(files, key=lambda path: (path.count("/"), path), default=None)

    @property
    def requirements_file(self) -> str | None:
        """A file that names dependencies and in which `#` begins a comment."""
        files = sorted(self.facts.dependency_files & self.context.files)
        named = [path for path in files if path.endswith((".txt", ".in"))]
        tables = [path for path in files if path.endswith("pyproject.toml")]
        return next(iter([*named, *tables]), None)


def read_workplace(root: Path, dockerfile_path: Path | None, settings: RewriteSettings) -> Workplace:
    """Read a project. Raises `UsageError`, `ContextError` or `DockerfileSyntaxError`."""
    if not root.is_dir():
        raise UsageError(
            "not a directory", where=str(root), hint="name the directory that holds the Dockerfile"
        )
    path = dockerfile_path or root / "Dockerfile"
    if not path.is_file():
        raise _no_dockerfile(root, path)
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"not UTF-8 at byte {error.start}", where=f"{path}:{line}", hint="save the file as UTF-8"
        ) from error
    except OSError as error:
        hint = "check who may read it"
        raise ContextError(f"cannot be read: {error.strerror}", where=str(path), hint=hint) from error
    document = parse(text, str(path))
    context = read_context(root, path)
    project = read_project(root, context, _named_files(document, context))
    proposal = propose_ignore(context, document, project)
    return Workplace(
        root=root,
        dockerfile_path=path,
        text=text,
        dockerfile=document,
        context=context,
        project=project,
        facts=replace(
            _facts(document, context, project, settings),
            narrowing=_narrowing(document, context, project, proposal),
        ),
        ignore_path=proposal.path,
        proposed_ignore=proposal.text,
        proposal=proposal,
    )


def _no_dockerfile(root: Path, path: Path) -> UsageError:
    others = sorted(
        str(entry.relative_to(root))
        for entry in root.glob("*ockerfile*")
        if entry.is_file() and not entry.name.endswith(".dockerignore")
    )
    hint = f"--file {root / others[0]}" if others else "name the directory that holds it, or give --file"
    if path.is_symlink():
        return UsageError("the link leads to no file", where=str(path), hint=hint)
    if path.is_dir():
        return UsageError("is a directory, not a Dockerfile", where=str(path), hint=hint)
    return UsageError("there is no Dockerfile", where=str(path), hint=hint)


def _named_files(document: Dockerfile, context: Context) -> list[str]:
    """Requirement files that steps name, by the end of their paths."""
    named: list[str] = []
    for stage in document.stages:
        for step in run_steps(stage):
            for typed in step.typed:
                if isinstance(typed, PipCommand | UvCommand):
                    words = [word.text for word in (*typed.requirement_files, *typed.constraint_files)]
                    named += [
                        path
                        for path in sorted(context.files)
                        for word in words
                        if path == word.lstrip("./") or word.endswith(f"/{path}")
                    ]
    return named


def _facts(document: Dockerfile, context: Context, project: ProjectFacts, settings: RewriteSettings) -> Facts:
    includes = tuple(
        (file.path, tuple(i.target for i in file.includes if i.target)) for file in project.requirement_files
    )
    local = frozenset(line.path for line in project.requirements if line.is_local or line.editable)
    vcs = any((line.url or "").startswith(("git+", "hg+", "svn+", "bzr+")) for line in project.requirements)
    local |= local_locks(project)
    manifests = {p.path for p in project.pyprojects} | {lock.path for lock in project.locks}
    distributions = project.distributions | _named_distributions(document)
    health = project.health
    final = document.final
    starting = script_programs(context, start_scripts(final) | (start_programs(final) & SERVICES))
    return Facts(
        single_stage=len(document.stages) == 1,
        files=context.files,
        dependency_files=frozenset(file.path for file in project.requirement_files) | manifests,
        includes=includes,
        local_requirements=local,
        manifests=tuple(manifest(pyproject) for pyproject in project.pyprojects),
        pins=pins(project),
        distributions=distributions,
        imports=project.required_imports,
        programs=project.programs | (starting or frozenset()),
        start_programs=starting,
        development_groups=frozenset(
            group
            for pyproject in project.pyprojects
            for group in pyproject.groups
            if group.lower() in DEVELOPMENT
        ),
        vcs_requirements=vcs,
        gpu_hints=tuple(f"{hint.path}:{hint.line}: {hint.value}" for hint in project.gpu_hints),
        health_path=health.url if health is not None and health.certain else None,
        port=port_of(document, project),
        settings=settings,
    )


def _narrowing(
    document: Dockerfile, context: Context, project: ProjectFacts, proposal: IgnoreProposal
) -> Narrowing:
    """What the application uses of the context as the proposed ignore file leaves it."""
    rules = parse_ignore(proposal.text)
    files = frozenset(path for path in context.files if not rules.excluded(path))
    return narrow(context, project, entry_files(document, files), files)


def _named_distributions(document: Dockerfile) -> frozenset[str]:
    names: set[str] = set()
    for stage in document.stages:
        for step in run_steps(stage):
            for typed in step.typed:
                if isinstance(typed, PipCommand | UvCommand) and "install" in typed.action:
                    for word in typed.requirements:
                        name = re.match(r"[A-Za-z0-9][\w.-]*", word.text)
                        if name and "/" not in word.text:
                            names.add(re.sub(r"[-_.]+", "-", name[0]).lower())
    return frozenset(names)


def port_of(document: Dockerfile, project: ProjectFacts | None) -> int | None:
    """The port that the service listens on: the start command's, else the exposed one, else the source's."""
    state = effective(document, document.final)
    command = " ".join([*(state.entrypoint or ()), *(state.cmd or ())])
    found = PORT_OPTION.search(command)
    if found:
        return int(found[1])
    exposed = [
        int(port.partition("/")[0]) for port in state.exposed or () if port.partition("/")[0].isdigit()
    ]
    if exposed:
        return exposed[0]
    if project is not None and project.ports and command:
        return project.ports[0][0]
    return None
