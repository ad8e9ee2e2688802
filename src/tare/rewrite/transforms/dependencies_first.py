"""Dependency files before the source, so that a change of the source does not install everything again."""

import posixpath
import re
from collections import defaultdict

from tare.core.text import Edit
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import PackageCommand, PdmCommand, PipCommand, PipenvCommand, UvCommand
from tare.rewrite.anatomy import (
    LITERAL,
    Part,
    is_python_install,
    run_step,
    workdir_at,
    writes_dependencies,
)
from tare.rewrite.facts import Facts
from tare.rewrite.layout import block_text, insert_after, insert_before, remove
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

TRANSPARENT = frozenset(
    {
        "ENV",
        "ARG",
        "LABEL",
        "EXPOSE",
        "USER",
        "SHELL",
        "VOLUME",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "CMD",
        "ENTRYPOINT",
    }
)
INDEPENDENT = frozenset(
    {"mkdir", "useradd", "groupadd", "adduser", "addgroup", "locale-gen", "ln", "virtualenv"}
)


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Move the first COPY of a directory below the installs that do not need it."""
    edits: list[Edit] = []
    reason = ""
    refusal: Refusal | None = None
    for stage in document.stages:
        for node in stage.instructions:
            if node.keyword in ("COPY", "ADD") and _is_broad(node, facts):
                outcome = _move(document, stage, node, facts)
                if isinstance(outcome, Proposal):
                    edits += outcome.edits
                    reason = reason or outcome.reason
                else:
                    refusal = refusal or outcome
                break
    if not edits:
        return refusal
    return Proposal(tuple(edits), reason, Applicability.SAFE)


def _is_broad(node: Instruction, facts: Facts) -> bool:
    """Whether it copies a directory that holds more than what names dependencies."""
    copy = node.as_copy()
    if copy.from_ is not None or copy.heredocs or len(copy.sources) != 1:
        return False
    source = copy.sources[0]
    if source in (".", "./", "/"):
        return True
    if not source.endswith("/"):
        return False
    inside = source.lstrip("./")
    if facts.files is None:
        return not re.search(r"(?:^|/)(?:requirements|constraints|reqs|wheels|wheelhouse)[\w.-]*/$", source)
    held = {path for path in facts.files if path.startswith(inside)}
    return not held <= facts.dependency_files


def _move(document: Dockerfile, stage: Stage, node: Instruction, facts: Facts) -> Proposal | Refusal | None:
    copy = node.as_copy()
    cwd = workdir_at(stage, node)
    if cwd is None or not LITERAL.match(copy.dest):
        return None
    root = posixpath.normpath(posixpath.join(cwd, copy.dest))
    target: Instruction | None = None
    reader: Instruction | None = None
    files: list[str] = []
    after = stage.instructions[stage.instructions.index(node) + 1 :]
    for other in after:
        if other.keyword in TRANSPARENT:
            continue
        if other.keyword == "WORKDIR":
            if not copy.dest.startswith("/"):
                break
            moved = posixpath.join(cwd, other.value.strip())
            if not LITERAL.match(moved):
                break
            cwd = posixpath.normpath(moved)
            continue
        if other.keyword != "RUN":
            break
        needed = _needs(stage, other, cwd, root, copy.sources[0], facts)
        if isinstance(needed, str):
            if target is None and needed:
                return Refusal(f"line {other.line} {needed}")
            break
        files += needed[0]
        reader = reader or (other if needed[0] else None)
        target = other if needed[1] else target
    if target is None:
        return None
    edits = [
        remove(document, node),
        insert_after(document, target, block_text(document, node).rstrip("\r\n")),
    ]
    copies = _copies(dict.fromkeys(files), copy.sources[0], copy.dest)
    if copies and reader is not None:
        edits.append(insert_before(document, reader, copies))
    return Proposal(
        tuple(edits),
        "a change of the source no longer installs every dependency again",
        Applicability.SAFE,
    )


def _needs(
    stage: Stage, node: Instruction, cwd: str, root: str, source: str, facts: Facts
) -> tuple[list[str], bool] | str:
    """The context files that a step reads below `root`, and whether it installs; a reason where it needs the source."""
    step = run_step(stage, node)
    if step.script is None:
        return "is not plain shell"
    files: list[str] = []
    for (command, typed), part in zip(
        zip(step.script.commands, step.typed, strict=True), step.parts, strict=True
    ):
        if part is Part.OTHER and command.name not in INDEPENDENT:
            return "" if not step.installs_python else f"calls {command.name} beside its installs"
        if command.name == "cd":
            return "changes its directory"
        if isinstance(typed, PipenvCommand | PdmCommand) or writes_dependencies(command):
            return ""
        if typed is None or not is_python_install(typed):
            continue
        named = _requirement_files(typed)
        if named is None:
            return ""
        for name in named:
            path = posixpath.normpath(posixpath.join(cwd, name))
            if not LITERAL.match(name) or not (path.startswith(root.rstrip("/") + "/")):
                return f"reads {name}, whose place in the context is not known"
            inside = posixpath.relpath(path, root)
            origin = inside if source in (".", "./", "/") else posixpath.join(source, inside)
            files += _closure(origin, facts)
    if any(name in facts.local_requirements for name in files):
        return "installs from the project's own directories"
    if facts.files is not None and not set(files) <= facts.files:
        return "reads a file that the build context does not hold"
    return files, step.installs_python


def _closure(name: str, facts: Facts) -> list[str]:
    """A requirements file with those that it includes."""
    includes = dict(facts.includes)
    found = [name]
    for current in found:
        found += [other for other in includes.get(current, ()) if other not in found]
    return found


def _requirement_files(typed: PackageCommand) -> list[str] | None:
    """The files that name what is installed; None when a directory of the project is installed."""
    if isinstance(typed, PipCommand | UvCommand) and typed.action != "sync":
        named = [word.text for word in typed.requirements]
        local = any(
            word in (".", "./") or word.startswith(("./", "../", "/", ".[", "file:")) for word in named
        )
        if local or typed.editable:
            return None
        return [word.text for word in (*typed.requirement_files, *typed.constraint_files)]
    return None


def _copies(files: dict[str, None], source: str, dest: str) -> str:
    groups: dict[str, list[str]] = defaultdict(list)
    prefix = "" if source in (".", "./", "/") else source.lstrip("./")
    for name in files:
        groups[posixpath.dirname(name.removeprefix(prefix))].append(name)
    found = []
    for directory, names in groups.items():
        place = posixpath.join(dest, directory) if directory else dest
        place = place if place.endswith("/") else place + "/"
        found.append(f"COPY {' '.join(names)} {place}")
    return "\n".join(found)


TRANSFORM = Transform(
    name="dependencies-first",
    title="Install dependencies before the source is copied",
    guide=(
        "A builder keeps the result of a step until something above it changes. With `COPY .` on top, every saved file "
        "throws away the installed packages. What changes least belongs on top."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD python app.py\n",
            "FROM python:3.11\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
            "CMD python app.py\n",
        ),
        Example(
            "FROM python:3.11\nCOPY . /app\nWORKDIR /app\nRUN apt-get update && apt-get install -y gcc\n"
            "RUN pip install -r deploy/requirements.txt\nRUN python build_index.py\n",
            "FROM python:3.11\nWORKDIR /app\nRUN apt-get update && apt-get install -y gcc\n"
            "COPY deploy/requirements.txt deploy/base.txt /app/deploy/\nRUN pip install -r deploy/requirements.txt\n"
            "COPY . /app\nRUN python build_index.py\n",
            "included files travel along",
            Facts(includes=(("deploy/requirements.txt", ("deploy/base.txt",)),)),
        ),
        Example(
            "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install .\n",
            "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install .\n",
            "the project itself needs its source",
        ),
        Example(
            "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN make && pip install -r requirements.txt\n",
            "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN make && pip install -r requirements.txt\n",
            "who knows what make does",
        ),
    ),
)
