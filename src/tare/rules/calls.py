"""Commands of RUN steps as hadolint sees them: the program as written, its words, and which of them look like flags.

hadolint does not know which options take a value, nor does it see through sudo or `sh -c`; the words of an exec form
are a script to it, and so is what another shell than a POSIX one runs. Rules that promise its verdicts read commands
this way. Other rules use `document.runs` and `tare.dockerfile.commands`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tare.core.text import Edit, Span
from tare.dockerfile.shell import Command, ShellScript, Word, is_posix_shell, parse_joined, parse_run
from tare.rules.document import Document, Step

_EXPANSION = re.compile(r"\$\([^()]*\)|`[^`]*`|\$\{[^{}]*\}|\$[A-Za-z_]\w*|\$[0-9@*#?$!-]")
_SYNTAX = re.compile(r"""[^\w@%+=:,./" \t\[\]-]|\w[ ]|\w\[|\[\s*"\w+=""")
_PREFIXES = frozenset({"command", "builtin", "busybox", "exec", "time"})


@dataclass(frozen=True, slots=True)
class Call:
    """One command. `name` is the program as written, `words` what follows it.

    `flags` are the names of long options and the letters of short ones, in order, repetitions included.
    """

    command: Command
    name: str
    words: tuple[Word, ...]
    flags: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The words without quotes, every expansion shown as `${VAR}`."""
        return tuple(plain(word) for word in self.words)

    @property
    def operands(self) -> tuple[Word, ...]:
        """The words that are no flags."""
        return tuple(word for word in self.words if not is_flag(word.text))

    def has_flag(self, *names: str) -> bool:
        """Whether one of the names is among the flags."""
        return any(name in self.flags for name in names)

    def has_word(self, *texts: str) -> bool:
        """Whether one of the texts is among the words."""
        return any(word.text in texts for word in self.words)

    def word(self, *texts: str) -> Word | None:
        """The first word that is one of the texts."""
        return next((word for word in self.words if word.text in texts), None)

    def without_values(self, *names: str) -> tuple[Word, ...]:
        """The words that are neither flags nor the word after one of the flags named."""
        kept: list[Word] = []
        skip = False
        for word in self.words:
            if is_flag(word.text):
                skip = "=" not in word.text and any(flag in names for flag in flags_of(word.text))
                continue
            if not skip:
                kept.append(word)
            skip = False
        return tuple(kept)

    def insertion(self, after: Word | None, text: str) -> Edit:
        """The edit that puts `text` after one of its words, or after the program."""
        at = (after or self.program).span.end
        return Edit(Span(at, at), f', "{text}"' if self.command.exec_form else f" {text}")

    @property
    def program(self) -> Word:
        """The word that names the program."""
        return next(word for word in self.command.argv if word.text == self.name)


def plain(word: Word) -> str:
    """A word without quotes, every expansion shown as `${VAR}`: what it holds is known at run time only."""
    if word.literal:
        return word.text
    text = word.text
    while (shorter := _EXPANSION.sub("\0", text)) != text:
        text = shorter
    return text.replace("\0", "${VAR}")


def flags_of(text: str) -> tuple[str, ...]:
    """The flags that one word holds: `--name=value` is `name`, `-xy` is `x` and `y`."""
    if not text.startswith("-") or text in ("-", "--"):
        return ()
    if text.startswith("--"):
        return (text[2:].partition("=")[0],)
    return tuple(text[1:].partition("=")[0])


def is_flag(text: str) -> bool:
    """Whether a word looks like a flag."""
    return text.startswith("-") and text not in ("-", "--")


def call_of(command: Command) -> Call | None:
    """A command as a call; None for an assignment, or a program that is known at run time only."""
    if not command.argv or "nested" in command.contexts:
        return None
    at = 0
    if command.argv[0].text in _PREFIXES and len(command.argv) > 1 and not is_flag(command.argv[1].text):
        at = 1
    words = command.argv[1:]
    flags = tuple(flag for word in words for flag in flags_of(plain(word)))
    return Call(command, command.argv[at].text, words, flags)


def calls(document: Document, *names: str) -> Iterator[tuple[Step, Call]]:
    """Every call in RUN steps, in order; only of the programs named, if there are names."""
    for step, every in document.once(_calls_by_step):
        for call in every:
            if not names or call.name in names:
                yield step, call


def steps_calling(document: Document, *names: str) -> Iterator[tuple[Step, tuple[Call, ...]]]:
    """Every RUN step that calls one of the programs, with those calls."""
    for step, every in document.once(_calls_by_step):
        found = tuple(call for call in every if call.name in names)
        if found:
            yield step, found


def _calls_by_step(document: Document) -> tuple[tuple[Step, tuple[Call, ...]], ...]:
    return tuple((step, tuple(calls_in(script.commands))) for step, script in scripts(document))


def scripts(document: Document) -> tuple[tuple[Step, ShellScript], ...]:
    """Every RUN whose script hadolint understands."""
    return document.once(_scripts)


def _scripts(document: Document) -> tuple[tuple[Step, ShellScript], ...]:
    pairs = ((step, script_of(document, step)) for step in document.of("RUN"))
    return tuple((step, script) for step, script in pairs if script is not None)


def script_of(document: Document, step: Step) -> ShellScript | None:
    """The script of one RUN, as hadolint reads it."""
    if step.inner.form == "exec":
        return parse_joined(step.inner) if _SYNTAX.search(step.inner.value) else document.script(step)
    return document.script(step) if is_posix_shell(step.shell) else parse_run(step.inner)


def calls_in(commands: Iterable[Command]) -> Iterator[Call]:
    """The calls among commands."""
    for command in commands:
        call = call_of(command)
        if call is not None:
            yield call
