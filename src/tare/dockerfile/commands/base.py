"""What all recognised commands share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tare.core.text import Edit, Span
from tare.dockerfile.commands.options import CommandLine, Option, OptionTable
from tare.dockerfile.shell.model import Command, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageCommand:
    """A command line of a known program, read by its own option table.

    `program` is the name without directories (`pip3`, also for `python3 -m pip`), `action` the subcommand with
    aliases resolved (`pip install`'s is 'install', `conda env create`'s 'env create', '' when there is none);
    `action_words` are its words. `operands` are the words that are neither options nor their values.
    """

    command: Command
    program: str
    action: str
    action_words: tuple[Word, ...]
    options: tuple[Option, ...]
    operands: tuple[Word, ...]

    @property
    def understood(self) -> bool:
        """Whether every option is known, so that no operand can be the value of an unknown one."""
        return all(option.known for option in self.options)

    def option(self, *names: str) -> Option | None:
        """The last option with one of the main names."""
        return next((option for option in reversed(self.options) if option.name in names), None)

    def has(self, *names: str) -> bool:
        """Whether an option with one of the main names is given."""
        return self.option(*names) is not None

    def values(self, *names: str) -> tuple[Word, ...]:
        """The values of every option with one of the main names, in order."""
        return tuple(o.value for o in self.options if o.name in names and o.value is not None)

    def value(self, *names: str) -> Word | None:
        """The value of the last such option."""
        option = self.option(*names)
        return option.value if option else None

    def insertion(self, text: str) -> Edit:
        """The edit that adds `text` (options, split by spaces) right after the subcommand, or after the program."""
        at = (self.action_words or self.command.effective_argv[:1])[-1].span.end
        added = "".join(f', "{word}"' for word in text.split()) if self.command.exec_form else f" {text}"
        return Edit(Span(at, at), added)

    def without(self, option: Option) -> Edit | None:
        """The edit that takes one option away: its words, or its letter of a cluster such as `-qy`."""
        if not option.shared:
            span = self.command.removal_span(*option.words)
            return Edit(span, "") if span else None
        word = option.words[0]
        plain = word.contiguous and word.raw == word.text and option.value is None
        letter = option.written[1:]
        if not plain or word.text.count(letter) != 1:
            return None
        at = word.span.start + word.text.index(letter)
        return Edit(Span(at, at + len(letter)), "")


@dataclass(frozen=True, slots=True)
class Parts:
    """The pieces of a command line with a subcommand."""

    action: str
    action_words: tuple[Word, ...]
    options: tuple[Option, ...]
    operands: tuple[Word, ...]


def read_action(
    words: tuple[Word, ...],
    general: OptionTable,
    tables: Mapping[str, OptionTable],
    *,
    other: OptionTable | None = None,
    aliases: Mapping[str, str] | None = None,
    groups: frozenset[str] = frozenset(),
) -> Parts:
    """Split `[options] ACTION [options and operands]`.

    `general` holds the options before the action; `other` (by default the same) those of every action without a
    table in `tables`. `groups` are
    the actions that have a second word (`env create`).
    """
    before = general.read(words, stop=True)
    if not before.operands:
        return Parts("", (), before.options, ())
    name = (aliases or {}).get(before.operands[0].text, before.operands[0].text)
    action_words, options, rest = before.operands, before.options, before.rest
    if name in groups:
        inner = general.read(rest, stop=True)
        if inner.operands:
            second = inner.operands[0].text
            name = f"{name} {(aliases or {}).get(second, second)}"
            action_words += inner.operands
            options += inner.options
            rest = inner.rest
    after: CommandLine = tables.get(name, other or general).read(rest)
    return Parts(name, action_words, options + after.options, after.operands)


def is_url(text: str) -> bool:
    """Whether a word is an address (`https://...`, `git+ssh://...`)."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) is not None
