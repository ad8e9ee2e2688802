"""The commands of all RUN steps with their typed views, read once a document."""

from dataclasses import dataclass
from typing import TypeVar

from tare.dockerfile.commands import PackageCommand, recognise
from tare.dockerfile.shell import Command, ShellScript
from tare.rules.document import Document, Step


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """A command of a RUN; `typed` is None when its program is not one of the known."""

    step: Step
    script: ShellScript
    command: Command
    typed: PackageCommand | None


P = TypeVar("P", bound=PackageCommand)


def every_command(document: Document) -> tuple[Typed, ...]:
    """All commands of RUN steps that are understood, in order."""
    return document.once(_read)


def _read(document: Document) -> tuple[Typed, ...]:
    return tuple(
        Typed(step, script, command, recognise(command))
        for step, script in document.runs
        for command in script.commands
    )


def commands_of(document: Document, kind: type[P], *actions: str) -> tuple[tuple[Typed, P], ...]:
    """The commands of one program, with one of the actions if there are any."""
    return tuple(
        (entry, entry.typed)
        for entry in every_command(document)
        if isinstance(entry.typed, kind) and (not actions or entry.typed.action in actions)
    )


def named(document: Document, *names: str) -> tuple[Typed, ...]:
    """The commands whose program (behind sudo and the like) has one of the names."""
    return tuple(entry for entry in every_command(document) if entry.command.name in names)


def same_run(document: Document, step: Step) -> tuple[Typed, ...]:
    """All commands of one RUN."""
    return document.once(_by_run).get(id(step), ())


def _by_run(document: Document) -> dict[int, tuple[Typed, ...]]:
    found: dict[int, list[Typed]] = {}
    for entry in every_command(document):
        found.setdefault(id(entry.step), []).append(entry)
    return {step: tuple(entries) for step, entries in found.items()}
