"""Edits that several rules make: a command more at the end of a RUN, two RUNs joined, a word or an instruction less."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.nodes import Instruction
from tare.dockerfile.shell import Command, ShellScript, Word
from tare.rules.document import Document, Step

_LEAVES_STATE = (
    "cd set export exec exit trap . source alias unset shift ulimit umask pushd popd eval shopt return"
)
_STATEFUL = frozenset(_LEAVES_STATE.split())


def append_command(document: Document, step: Step, script: ShellScript, text: str) -> Edit | None:
    """The edit that runs one command more after all others succeeded; None where the script's end is not plain."""
    if script.form == "exec" or not script.commands:
        return None
    last = max(script.commands, key=lambda command: command.span.end)
    if last.contexts or last.background or last.separator == "||" or last.negated:
        return None
    if script.form == "heredoc":
        body = step.inner.heredocs[0].body_span
        if len(step.inner.heredocs) > 1 or not script.errexit:
            return None
        return Edit(Span(body.end, body.end), f"{text}{document.newline}")
    at = step.inner.value_span.end
    if (
        step.inner.heredocs
        or _end(last) != at
        or any(command.separator == "||" for command in script.commands)
    ):
        return None
    start = document.text.rfind("\n", 0, at) + 1
    if start <= step.outer.span.start:
        return Edit(Span(at, at), f" && {text}")
    line = document.text[start:at]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return Edit(Span(at, at), f" {document.escape}{document.newline}{indent}&& {text}")


def _end(command: Command) -> int:
    """Where a command ends, its redirections included."""
    return max([command.span.end, *(redirect.span.end for redirect in command.redirects)])


def is_chain(script: ShellScript) -> bool:
    """Whether a script is commands joined by `&&` (pipes among them), each of which must succeed."""
    return script.form == "shell" and all(
        command.separator in ("", "&&", "|") and not command.contexts and not command.background
        for command in script.commands
    )


def join_runs(
    document: Document, first: tuple[Step, ShellScript], second: tuple[Step, ShellScript]
) -> tuple[Edit, ...] | None:
    """The edits that make one RUN of two neighbours; None where the shell's state or a failure could be seen."""
    (one, script), (two, other) = first, second
    place = _place(document, one)
    if one.onbuild or two.onbuild or place is None or one.stage != two.stage:
        return None
    if document.instructions[place + 1 : place + 2] != (two.outer,):
        return None
    if (
        two.outer.flags
        or one.outer.flags
        or one.outer.heredocs
        or two.outer.heredocs
        or one.shell != two.shell
    ):
        return None
    if two.outer.leading.start != two.outer.leading.end or not is_chain(script) or not is_chain(other):
        return None
    if any(command.name in _STATEFUL or not command.argv for command in script.commands):
        return None
    last = max(script.commands, key=lambda command: command.span.end)
    if _end(last) != one.inner.value_span.end:
        return None
    gap = Span(one.inner.value_span.end, two.inner.value_span.start)
    if "#" in gap.of(document.text):
        return None
    start = document.text.rfind("\n", 0, gap.start) + 1
    line = document.text[start : gap.start]
    indent = line[: len(line) - len(line.lstrip(" \t"))] if start > one.outer.span.start else "    "
    joint = f" {document.escape}{document.newline}{indent}&& "
    return Edit(Span(gap.start, gap.start), joint), Edit(gap, "")


def _place(document: Document, step: Step) -> int | None:
    return next((at for at, node in enumerate(document.instructions) if node is step.outer), None)


def following(document: Document, step: Step) -> tuple[Step, ...]:
    """The steps below a step in the same stage."""
    return tuple(
        other
        for other in document.steps
        if other.stage == step.stage and other.outer.span.start > step.outer.span.start
    )


def remove_instruction(document: Document, instruction: Instruction) -> Edit:
    """Take the lines of an instruction away; comments above it stay."""
    return Edit(document.line_span(instruction.span), "")


def remove_words(command: Command, *words: Word) -> tuple[Edit, ...] | None:
    """Take words away from a command; None where one of them cannot go without touching its neighbours."""
    spans = [command.removal_span(word) for word in words]
    if command.exec_form or any(span is None for span in spans):
        return None
    return tuple(Edit(span, "") for span in spans if span is not None)


def replace_word(word: Word, text: str) -> Edit | None:
    """Put other text in the place of a word that stands there as it is read, in quotes or without."""
    if not word.contiguous:
        return None
    quote = word.raw[:1] if word.raw[:1] in "'\"" and word.raw[1:-1] == word.text else ""
    if not quote and word.raw != word.text:
        return None
    return Edit(word.span, f"{quote}{text}{quote}")


def whole(edits: Iterable[Edit | None]) -> tuple[Edit, ...] | None:
    """All of the edits, or None when one of them is missing."""
    found = tuple(edits)
    return tuple(edit for edit in found if edit is not None) if None not in found else None
