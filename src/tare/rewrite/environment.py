"""The Python environment that a stage installs into: where it stands, and what must change so that it can travel."""

import re
from dataclasses import dataclass

from tare.core.text import Edit
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import PackageCommand, PipCommand, UvCommand
from tare.dockerfile.shell import Command
from tare.knowledge.bases import base_facts
from tare.rewrite.anatomy import RunStep, is_python_install, run_step, uses_conda
from tare.rewrite.facts import Facts
from tare.rewrite.installers import (
    are_tools,
    brings_manager,
    in_project,
    names_of,
    only_tools,
    run_edits,
    started_words,
)
from tare.rewrite.layout import exec_form, replace
from tare.rewrite.system_python import bringing, creation_lines, is_system_python

PLACES = frozenset({"-t", "--target", "--prefix", "--root"})
ABSOLUTE = re.compile(r"^[/\w.-]+$")
INSTALLED = re.compile(
    r"/usr/local/bin/(python3?(?:\.\d+)?|pip3?|gunicorn|uvicorn|hypercorn|celery|streamlit|flask)\b"
)


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment at `path`. `builder_lines` make it, `runtime_lines` put it on the runtime stage's PATH.

    `found`: the file made it itself, so its commands stay as they are. `after`: the last step before it is made, which
    brings the tool that fills it; None where it is made at once.
    """

    path: str
    builder_lines: tuple[str, ...]
    runtime_lines: tuple[str, ...]
    found: bool
    after: Instruction | None = None

    def is_creation(self, command: Command) -> bool:
        """Whether a command creates an environment."""
        return creation(command) is not None

    def creates(self, step: RunStep) -> bool:
        """Whether a step does nothing but create the environment."""
        return step.script is not None and all(self.is_creation(command) for command in step.script.commands)

    def command_edits(self, step: RunStep) -> list[Edit]:
        """What must go from install commands, because it would lead away from the environment."""
        edits: list[Edit] = []
        for typed in step.typed:
            unwanted = {"--user"} if isinstance(typed, PipCommand) else set()
            if isinstance(typed, UvCommand) and typed.action.startswith("pip"):
                unwanted = {"--system"}
            if isinstance(typed, PipCommand | UvCommand):
                for word in typed.command.argv:
                    if word.text in unwanted:
                        span = typed.command.removal_span(word)
                        edits += [Edit(span, "")] if span is not None else []
        return edits

    def start_edits(self, document: Dockerfile, stage: Stage, node: Instruction) -> list[Edit]:
        """Start commands that name the old place, or that go through a tool that stays in the builder."""
        if node.json is not None:
            rest = started_words(node.json)
            if rest is not None:
                return [replace(node, f"{node.keyword} {exec_form(rest)}")]
        else:
            through = run_edits(run_step(stage, node))
            if through:
                return through
        if self.found:
            return []
        text = node.span.of(document.text)
        moved = INSTALLED.sub(lambda match: f"{self.path}/bin/{match[1]}", text)
        return [Edit(node.span, moved)] if moved != text else []


def creation(command: Command) -> str | None:
    """The path of the environment that a command creates (`python -m venv`, `virtualenv`, `uv venv`)."""
    words = [word.text for word in command.effective_argv]
    rest: list[str] = []
    if re.fullmatch(r"python(?:3(?:\.\d+)?)?", command.name) and words[1:3] == ["-m", "venv"]:
        rest = words[3:]
    elif command.name == "virtualenv":
        rest = words[1:]
    elif command.name == "uv" and words[1:2] == ["venv"]:
        rest = words[2:] or [".venv"]
    paths = [word for word in rest if not word.startswith("-")]
    return paths[-1] if paths else None


def environment_of(stage: Stage, steps: tuple[RunStep, ...], facts: Facts) -> Environment | str:
    """The environment that the stage's installs go into, or the reason why it cannot be carried over."""
    if uses_conda(steps):
        return "conda environments cannot be moved to a Python base image"
    variables = {
        key: value or ""
        for node in stage.instructions
        if node.keyword == "ENV"
        for key, value in node.env_pairs()
    }
    obstacle = _odd_places(steps, variables)
    if obstacle:
        return obstacle
    created = [path for step in steps for command in (step.script or ()) if (path := creation(command))]
    if created:
        if len(set(created)) > 1:
            return f"several environments are created: {', '.join(sorted(set(created)))}"
        path = _absolute(_filled(created[0], variables), stage)
        return path if path.startswith("the ") else Environment(path, (), (), True)
    if in_project(steps, variables):
        path = _absolute(variables.get("UV_PROJECT_ENVIRONMENT", ".venv").strip("\"'"), stage)
        if path.startswith("the "):
            return path
        others = [typed for step in steps for typed in step.typed if _other_install(typed)]
        managers = {typed.program for step in steps for typed in step.typed if typed and _manages(typed)}
        if others or len(managers) > 1:
            return "two installers fill two environments"
        on_path = any(
            path + "/bin" in value or "/.venv/bin" in value
            for key, value in variables.items()
            if key == "PATH"
        )
        return Environment(path, (), () if on_path else (f'ENV PATH="{path}/bin:$PATH"',), True)
    venv = facts.settings.venv
    base = base_facts(stage.base)
    if base is not None and is_system_python(base, steps):
        brings = bringing(steps)
        assert brings is not None
        line = f'ENV VIRTUAL_ENV={venv} PATH="{venv}/bin:$PATH"'
        return Environment(venv, (creation_lines(steps, venv), line), (line,), False, brings.instruction)
    line = f'ENV VIRTUAL_ENV={venv} PATH="{venv}/bin:$PATH"'
    return Environment(venv, (f"RUN python -m venv {venv}", line), (line,), False, _manager(steps))


def _manager(steps: tuple[RunStep, ...]) -> Instruction | None:
    """The last step that only brings the tool which fills the environment, before anything is installed into it."""
    found: Instruction | None = None
    for step in steps:
        if brings_manager(step):
            found = step.instruction
        elif any(is_python_install(typed) for typed in step.typed) and not only_tools(step):
            break
    return found


def _filled(path: str, variables: dict[str, str]) -> str:
    """A path with plain variables that ENV sets to plain values put in."""

    def value(match: re.Match[str]) -> str:
        found = variables.get(match[1] or match[2], "").strip("\"'")
        return found if ABSOLUTE.match(found) else match[0]

    return re.sub(r"\$(?:(\w+)|\{(\w+)\})", value, path)


def _manages(typed: PackageCommand) -> bool:
    return not isinstance(typed, PipCommand) and is_python_install(typed)


def _other_install(typed: object) -> bool:
    if isinstance(typed, PipCommand) and typed.action == "install":
        return not are_tools(names_of(typed)) or bool(typed.requirement_files or typed.editable)
    return isinstance(typed, UvCommand) and typed.action.startswith("pip")


def _odd_places(steps: tuple[RunStep, ...], variables: dict[str, str]) -> str | None:
    path = variables.get("PATH")
    if path is not None and "$PATH" not in path and "${PATH}" not in path:
        return "PATH is set without the value that it had"
    if {"PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "UV_SYSTEM_PYTHON"} & variables.keys():
        return "a variable sends installs to a place of its own"
    for step in steps:
        for typed in step.typed:
            if not isinstance(typed, PipCommand | UvCommand):
                continue
            words = {word.text.partition("=")[0] for word in typed.command.argv}
            if words & PLACES:
                return f"the step in line {step.instruction.line} installs to a place of its own"
            if (
                typed.command.effective_argv
                and "/" in typed.command.effective_argv[0].text
                and not _in_env(typed.command)
            ):
                return f"the step in line {step.instruction.line} calls an installer by its path"
    return None


def _in_env(command: Command) -> bool:
    return "venv" in command.effective_argv[0].text


def _absolute(path: str, stage: Stage) -> str:
    """An absolute path for `path`, seen from the last literal WORKDIR; a sentence where that is not known."""
    if "$" in path:
        return "the environment's path holds variables"
    if path.startswith("/"):
        return path.rstrip("/") if ABSOLUTE.match(path) else "the environment's path holds variables"
    workdirs = [node.value.strip() for node in stage.instructions if node.keyword == "WORKDIR"]
    if (
        not workdirs
        or not all(ABSOLUTE.match(workdir) for workdir in workdirs)
        or not workdirs[-1].startswith("/")
    ):
        return "the environment's path depends on where a step runs"
    if not ABSOLUTE.match(path):
        return "the environment's path holds variables"
    return f"{workdirs[-1].rstrip('/')}/{path.removeprefix('./').rstrip('/')}"
