"""A whole script: its commands, and what may be cut out of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tare.core.text import Span
from tare.dockerfile.shell.grammar import Grammar
from tare.dockerfile.shell.model import Command
from tare.dockerfile.shell.removal import removal_span


@dataclass(frozen=True, slots=True)
class ShellScript:
    """The commands of one instruction, in the order of the text.

    `form` says how it was written: 'shell' (`RUN a && b`), 'heredoc' (`RUN <<EOF`) or 'exec' (a JSON array:
    one command, no shell). `errexit` is True when a failing command ends the script (`set -e`, or the
    shell's options). Commands inside `bash -c '...'` follow the command that runs them and have 'nested'
    among their contexts.
    """

    form: Literal["shell", "heredoc", "exec"]
    commands: tuple[Command, ...]
    errexit: bool = False
    may_exit_early: bool = False
    grammars: tuple[Grammar, ...] = field(default=(), repr=False, compare=False)

    def __iter__(self) -> Iterator[Command]:
        return iter(self.commands)

    def named(self, *names: str) -> tuple[Command, ...]:
        """The commands whose program has one of the names."""
        return tuple(command for command in self.commands if command.name in names)

    def at(self, offset: int) -> Command | None:
        """The innermost command that covers an offset of the Dockerfile."""
        covering = [command for command in self.commands if command.span.start <= offset < command.span.end]
        return min(covering, key=lambda command: command.span.end - command.span.start, default=None)

    def removal_span(self, command: Command) -> Span | None:
        """The span of the Dockerfile to delete so that `command` is gone and the rest is a proper script.

        An operator next to the command goes with it, and `|| true` behind it; its own line, continuation
        included, goes as a whole where it stands alone there. Deleting is right under one assumption, the
        caller's: that the command succeeds whenever it runs. None where the rest would behave otherwise
        even so, or would not parse: the only command of its group, a part of a pipe or of a condition,
        after `||`, in the background, with a here-document, or last where its success hides a failure (`a;
        b` without `set -e`). The comments directly above go too when Docker removes them (between
        continuation lines).
        """
        for grammar in self.grammars:
            if any(own is command for own in grammar.commands):
                outer = grammar is self.grammars[0]
                surely, maybe = (self.errexit, self.may_exit_early) if outer else (False, True)
                return removal_span(grammar, command, errexit=surely, maybe_errexit=maybe)
        return None
