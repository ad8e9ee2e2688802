"""From an instruction to its script."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from tare.dockerfile.nodes import Instruction
from tare.dockerfile.shell.grammar import Grammar
from tare.dockerfile.shell.model import Command, Word
from tare.dockerfile.shell.script import ShellScript
from tare.dockerfile.shell.script_text import ScriptText, instruction_script
from tare.dockerfile.shell.wrappers import unwrap

DEFAULT_SHELL = ("/bin/sh", "-c")
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_SHEBANG = re.compile(r"#!\s*(?P<program>\S+)(?:[ \t]+(?P<options>[^\n]*))?")
_MAX_NESTED = 4


def parse_run(instruction: Instruction, shell: tuple[str, ...] = DEFAULT_SHELL) -> ShellScript | None:
    """The script that RUN (or the shell form of CMD, ENTRYPOINT, HEALTHCHECK) hands to `shell`.

    `shell` is the SHELL in force. None means unknown: a shell that is not POSIX-like, a here-document for
    another interpreter, text that does not parse, or no command at all.
    """
    if instruction.form == "exec":
        return _exec_form(instruction)
    if not is_posix_shell(shell):
        return None
    script, heredoc = instruction_script(instruction)
    if instruction.keyword == "HEALTHCHECK":
        command = re.match(r"CMD\s+", script.text, re.IGNORECASE)
        if command is None:
            return None
        script = script.part(command.end(), len(script.text))
    errexit = _has_errexit(shell[1:])
    if heredoc and script.text.startswith("#!"):
        interpreter = _shebang(script.text)
        if interpreter is None:
            return None
        errexit = _has_errexit(interpreter[1:])
    return _read(script, "heredoc" if heredoc else "shell", errexit)


def parse_script(text: str) -> ShellScript | None:
    """The commands of a script file, whose places are offsets in `text`. None when it is for another interpreter than a
    POSIX-like shell or does not parse."""
    interpreter = _shebang(text) if text.startswith("#!") else DEFAULT_SHELL
    if interpreter is None:
        return None
    return _read(ScriptText(text, tuple(range(len(text)))), "heredoc", _has_errexit(interpreter[1:]))


def parse_joined(instruction: Instruction) -> ShellScript | None:
    """The words of an exec form, joined by spaces and read as a shell would: no builder does that, some linters do.

    The script's form stays 'exec'. None where the words make no script.
    """
    text: list[str] = []
    offsets: list[int] = []
    for word, argument in zip(instruction.json or (), instruction.arguments, strict=False):
        inside = argument.span.start + 1
        last = max(argument.span.end - 2, inside)
        text += word if not text else f" {word}"
        offsets += [] if not offsets else [argument.span.start]
        offsets += (min(inside + at, last) for at in range(len(word)))
    read = _read(ScriptText("".join(text), tuple(offsets)), "shell", False)
    if read is None:
        return None
    return ShellScript("exec", tuple(replace(command, exec_form=True) for command in read.commands))


def is_posix_shell(shell: tuple[str, ...]) -> bool:
    """Whether a SHELL value (`["/bin/bash", "-o", "pipefail", "-c"]`) runs scripts of a POSIX-like shell."""
    if not shell:
        return False
    name = shell[0].rpartition("/")[2]
    if name == "env" and len(shell) > 2:
        return is_posix_shell(shell[1:])
    if name == "busybox" and len(shell) > 2:
        return is_posix_shell(shell[1:])
    return name in _SHELLS and any(re.fullmatch(r"-[a-zA-Z]*c", option) for option in shell[1:])


def _read(script: ScriptText, form: Literal["shell", "heredoc"], errexit: bool) -> ShellScript | None:
    grammar = Grammar(script, ())
    if not grammar.read() or not grammar.commands:
        return None
    grammars = [grammar]
    commands: list[Command] = []
    for command in grammar.commands:
        commands.append(command)
        for inner in _nested(grammar, command):
            grammars.append(inner)
            commands += inner.commands
    setting = [command for command in commands if _sets_errexit(command)]
    reset = any(command.name == "set" and _has_option(command, r"\+\w*e\w*") for command in commands)
    surely = errexit or any(not command.contexts and command.separator != "||" for command in setting)
    return ShellScript(
        form=form,
        commands=tuple(commands),
        errexit=surely and not reset,
        may_exit_early=errexit or bool(setting),
        grammars=tuple(grammars),
    )


def _nested(grammar: Grammar, command: Command) -> Iterable[Grammar]:
    """The script in `bash -c '...'`, when its text stands in the Dockerfile as the inner shell reads it."""
    if command.name not in _SHELLS or grammar.contexts.count("nested") >= _MAX_NESTED:
        return
    words = command.arguments
    flags = 0
    while flags < len(words) and words[flags].text.startswith("-"):
        flags += 2 if words[flags].text in ("-o", "-O") else 1
    given = [word for word in words[:flags] if re.fullmatch(r"-[a-zA-Z]*c", word.text)]
    if not given or flags >= len(words):
        return
    word = words[flags]
    quoted = len(word.raw) > 2 and word.raw[0] == word.raw[-1] and word.raw[0] in "'\""
    if not quoted or not word.literal or word.text != word.raw[1:-1]:
        return
    start = bisect_left(grammar.script.offsets, word.span.start) + 1
    inner = Grammar(grammar.script.part(start, start + len(word.text)), (*command.contexts, "nested"))
    if inner.read():
        yield inner


def _exec_form(instruction: Instruction) -> ShellScript | None:
    words: list[Word] = []
    for argument in instruction.arguments[-len(instruction.json or ()) :]:
        first = bisect_left(instruction.value_offsets, argument.span.start)
        last = bisect_left(instruction.value_offsets, argument.span.end)
        words.append(Word(argument.text, instruction.value[first:last], argument.span))
    if not instruction.json or tuple(word.text for word in words) != instruction.json:
        return None
    seen = unwrap(tuple(words))
    command = Command(
        argv=tuple(words),
        span=instruction.value_span,
        effective_argv=seen.argv,
        wrappers=seen.wrappers,
        name=seen.name,
        exec_form=True,
    )
    return ShellScript("exec", (command,))


def _shebang(text: str) -> tuple[str, ...] | None:
    """The interpreter's words when it is a POSIX-like shell."""
    match = _SHEBANG.match(text)
    if match is None:
        return None
    words = (match["program"], *(match["options"] or "").split())
    if words[0].rpartition("/")[2] == "env":
        words = words[2:] if words[1:2] == ("-S",) else words[1:]
    if words and words[0].rpartition("/")[2] == "busybox":
        words = words[1:]
    return words if words and words[0].rpartition("/")[2] in _SHELLS else None


def _has_errexit(options: Iterable[str]) -> bool:
    previous = ""
    for option in options:
        if (previous == "-o" and option == "errexit") or re.fullmatch(r"-[a-zA-Z]*e[a-zA-Z]*", option):
            return True
        previous = "-o" if re.fullmatch(r"-[a-zA-Z]*o", option) else ""
    return False


def _has_option(command: Command, pattern: str) -> bool:
    return any(re.fullmatch(pattern, word.text) for word in command.arguments)


def _sets_errexit(command: Command) -> bool:
    return command.name == "set" and _has_errexit(word.text for word in command.arguments)
