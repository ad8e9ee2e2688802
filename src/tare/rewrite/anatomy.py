"""What each step of a stage is for: the system, the Python environment, the project, or only the description."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import (
    AptCommand,
    CondaCommand,
    PackageCommand,
    PdmCommand,
    PipCommand,
    PipenvCommand,
    PoetryCommand,
    UvCommand,
    recognise,
)
from tare.dockerfile.shell import DEFAULT_SHELL, Command, ShellScript, parse_run

LITERAL = re.compile(r"^[\w./+@-]+$")
DEPENDENCIES = "/tmp/dependencies.txt"
"""Where the requirements of a pyproject are written before they are installed."""
DOCKER_CLEAN = "/etc/apt/apt.conf.d/docker-clean"
"""The setting of Debian images that deletes downloads after each install."""
CACHES = (
    "/var/lib/apt/lists",
    "/var/cache",
    "/root/.cache",
    "~/.cache",
    "/tmp",
    "/var/tmp",
    "/var/log",
    DOCKER_CLEAN,
)


class Part(StrEnum):
    """What one command does for the image."""

    SYSTEM = "system"
    PYTHON = "python"
    CLEAN = "clean"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RunStep:
    """A RUN taken apart. `script` None: unknown, because it is not POSIX shell or does not parse.

    `parts` and `typed` run along `script.commands`. `flat`: the commands are a plain sequence, each of which may be
    moved away with the separator before it.
    """

    instruction: Instruction
    script: ShellScript | None
    typed: tuple[PackageCommand | None, ...]
    parts: tuple[Part, ...]
    flat: bool

    @property
    def kinds(self) -> frozenset[Part]:
        """The parts that matter: cleaning up is nobody's purpose."""
        return frozenset(self.parts) - {Part.CLEAN} if self.script is not None else frozenset({Part.OTHER})

    def of(self, part: Part) -> Iterator[tuple[Command, PackageCommand | None]]:
        """The commands of one part, in order."""
        if self.script is not None:
            for command, typed, own in zip(self.script.commands, self.typed, self.parts, strict=True):
                if own is part:
                    yield command, typed

    @property
    def installs_python(self) -> bool:
        """Whether it puts distributions into a Python environment."""
        return any(is_python_install(typed) for typed in self.typed)

    @property
    def apt(self) -> tuple[AptCommand, ...]:
        """Its apt commands."""
        return tuple(typed for typed in self.typed if isinstance(typed, AptCommand))

    @property
    def programs(self) -> frozenset[str]:
        """The programs that it calls by name, behind pipes and in conditions too."""
        return frozenset(command.name for command in self.script.commands) if self.script else frozenset()


def is_python_install(typed: PackageCommand | None) -> bool:
    """Whether a command installs Python distributions."""
    if isinstance(typed, PipCommand):
        return typed.action == "install"
    if isinstance(typed, UvCommand):
        return typed.action in ("pip install", "pip sync", "sync")
    if isinstance(typed, PdmCommand | PipenvCommand):
        return typed.installs
    return isinstance(typed, PoetryCommand) and typed.action in ("install", "sync")


def writes_dependencies(command: Command) -> bool:
    """Whether a command only writes a pyproject's requirements into a file."""
    return any(
        redirect.target is not None and redirect.target.text == DEPENDENCIES for redirect in command.redirects
    )


def shell_at(stage: Stage, instruction: Instruction) -> tuple[str, ...]:
    """The SHELL in force where an instruction stands."""
    shell: tuple[str, ...] = DEFAULT_SHELL
    for node in stage.instructions:
        if node is instruction:
            break
        if node.keyword == "SHELL" and node.json:
            shell = node.json
    return shell


def run_step(stage: Stage, instruction: Instruction) -> RunStep:
    """Take a RUN apart."""
    script = parse_run(instruction, shell_at(stage, instruction))
    if script is None:
        return RunStep(instruction, None, (), (), False)
    typed = tuple(recognise(command) for command in script.commands)
    parts = tuple(_part(command, known) for command, known in zip(script.commands, typed, strict=True))
    return RunStep(instruction, script, typed, parts, _is_flat(script))


def run_steps(stage: Stage) -> tuple[RunStep, ...]:
    """All RUN instructions of a stage, taken apart."""
    return tuple(run_step(stage, node) for node in stage.instructions if node.keyword == "RUN")


def uses_conda(steps: Iterable[RunStep]) -> bool:
    """Whether any step works with conda."""
    return any(isinstance(typed, CondaCommand) for step in steps for typed in step.typed)


def programs_called(document: Dockerfile, stage: Stage, also: Iterable[str] = ()) -> frozenset[str]:
    """Programs that the stage's own steps and its start, health and exec commands call, and those in `also`."""
    called = set(also)
    for node in stage.instructions:
        if node.keyword in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"):
            script = parse_run(node, shell_at(stage, node))
            if script is not None:
                called.update(command.name for command in script.commands)
            elif node.value:
                called.update(node.value.split())
    return frozenset(called)


def workdir_at(stage: Stage, node: Instruction) -> str | None:
    """The working directory where an instruction stands; None when a variable is part of it."""
    cwd = "/"
    for other in stage.instructions:
        if other is node:
            break
        if other.keyword == "WORKDIR":
            cwd = posixpath.normpath(posixpath.join(cwd, other.value.strip()))
    return cwd if LITERAL.match(cwd) else None


def _part(command: Command, typed: PackageCommand | None) -> Part:
    if isinstance(typed, AptCommand):
        return Part.SYSTEM
    if isinstance(typed, PipCommand | UvCommand | PoetryCommand | PdmCommand | PipenvCommand):
        return Part.OTHER if typed.action == "run" else Part.PYTHON
    if not command.argv:
        return Part.OTHER
    if writes_dependencies(command):
        return Part.PYTHON
    if command.name == "rm":
        targets = [word.text for word in command.arguments if not word.text.startswith("-")]
        return Part.CLEAN if targets and all(text.startswith(CACHES) for text in targets) else Part.OTHER
    if command.name == "set" or command.name in ("true", ":"):
        return Part.CLEAN
    return Part.OTHER


def _is_flat(script: ShellScript) -> bool:
    if script.form == "exec":
        return True
    return all(
        not command.contexts
        and not command.in_pipeline
        and not command.background
        and not command.negated
        and command.separator in ("", "&&", ";", "\n")
        for command in script.commands
    )
