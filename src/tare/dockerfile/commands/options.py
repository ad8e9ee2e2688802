"""Command lines read by a table of options: which words are options, which their values, which operands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from tare.core.text import Span
from tare.dockerfile.shell.model import Word

Arity = Literal["flag", "value", "optional"]


@dataclass(frozen=True, slots=True)
class Option:
    """An option as it was given.

    `name` is its main long name (`--requirement` for `-r`), `written` what stands there. `words` are the words it
    occupies, its value's included; `shared` when the word holds other short options too (`-qy`). `known` is False
    when the table does not list it: then the next word may be its value.
    """

    name: str
    written: str
    value: Word | None
    words: tuple[Word, ...]
    known: bool = True
    shared: bool = False


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Options and operands in the order of the text. `rest` follows the first operand when reading stops there."""

    options: tuple[Option, ...]
    operands: tuple[Word, ...]
    rest: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionTable:
    """What a program's options are called and which take a value.

    `spec` lists names split by `/`, with `=` after those that take a value and `=?` where only `--name=value` gives
    one: `-r/--requirement= -q/--quiet --color=?`. With `abbreviations`, an unambiguous beginning of a long name
    counts, and with `negations` `--no-NAME` of any flag does.
    """

    spec: str
    abbreviations: bool = False
    negations: bool = False
    arities: Mapping[str, tuple[str, Arity]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table: dict[str, tuple[str, Arity]] = {}
        for item in self.spec.split():
            bare = item.rstrip("=?")
            arity: Arity = "optional" if item.endswith("=?") else "value" if item.endswith("=") else "flag"
            names = bare.split("/")
            main = next((name for name in names if name.startswith("--")), names[0])
            table.update((name, (main, arity)) for name in names)
        object.__setattr__(self, "arities", MappingProxyType(table))

    def with_(self, spec: str) -> "OptionTable":
        """The table with further options, which replace those of the same name."""
        return OptionTable(f"{self.spec} {spec}", self.abbreviations, self.negations)

    def find(self, name: str) -> tuple[str, Arity] | None:
        """Main name and arity of an option as written."""
        if name in self.arities:
            return self.arities[name]
        if self.negations and name.startswith("--no-") and "--" + name[5:] in self.arities:
            return name, "flag"
        if self.abbreviations and re.fullmatch(r"--\w[\w-]*", name):
            found = {entry for known, entry in self.arities.items() if known.startswith(name)}
            if len(found) == 1:
                return found.pop()
        return None

    def read(self, words: Sequence[Word], *, stop: bool = False) -> CommandLine:
        """Read words; with `stop`, only up to the first operand (a subcommand), which is in `operands` alone."""
        options: list[Option] = []
        operands: list[Word] = []
        at = 0
        while at < len(words):
            text = words[at].text
            if text == "--":
                operands += words[at + 1 :]
                break
            if text.startswith("--"):
                option = self._long(words, at)
                options.append(option)
                at += len(option.words)
            elif text.startswith("-") and text != "-":
                cluster, used = self._short(words, at)
                options += cluster
                at += used
            else:
                operands.append(words[at])
                at += 1
                if stop:
                    return CommandLine(tuple(options), tuple(operands), tuple(words[at:]))
        if stop and operands:
            return CommandLine(tuple(options), (operands[0],), tuple(operands[1:]))
        return CommandLine(tuple(options), tuple(operands))

    def _long(self, words: Sequence[Word], at: int) -> Option:
        word = words[at]
        written, equals, value = word.text.partition("=")
        entry = self.find(written)
        name, arity = entry or (written, "flag")
        if equals:
            return Option(name, written, ending(word, value), (word,), known=entry is not None)
        if arity == "value" and at + 1 < len(words):
            return Option(name, written, words[at + 1], (word, words[at + 1]))
        return Option(name, written, None, (word,), known=entry is not None)

    def _short(self, words: Sequence[Word], at: int) -> tuple[list[Option], int]:
        word = words[at]
        letters = word.text[1:]
        found: list[Option] = []
        place = 0
        while place < len(letters):
            size = 2 if f"-{letters[place : place + 2]}" in self.arities and len(letters) > place + 1 else 1
            written = f"-{letters[place : place + size]}"
            entry = self.arities.get(written)
            name, arity = entry or (written, "flag")
            rest = letters[place + size :]
            given = [word]
            value = None
            if arity == "optional" and rest.startswith("="):
                value = ending(word, rest[1:])
            elif arity == "value" and rest:
                value = ending(word, rest.removeprefix("="))
            elif arity == "value" and at + 1 < len(words):
                value = words[at + 1]
                given.append(value)
            shared = place > 0 or (value is None and bool(rest))
            found.append(Option(name, written, value, tuple(given), entry is not None, shared))
            if value is not None or not rest:
                return found, len(given)
            place += size
        return found, 1


def ending(word: Word, value: str) -> Word:
    """The end of a word as a word of its own: the value in `--name=value` or `-nvalue`."""
    raw, end = word.raw, word.span.end
    if raw[:1] in ("'", '"') and raw.endswith(raw[0]):
        raw, end = raw[1:-1], end - 1
    for quoted in (value, f"'{value}'", f'"{value}"'):
        if raw.endswith(quoted) and word.contiguous:
            return Word(value, quoted, Span(end - len(quoted), end), word.literal, word.glob)
    return Word(value, word.raw, word.span, word.literal, word.glob)
