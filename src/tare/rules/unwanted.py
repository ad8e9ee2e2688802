"""Options and variables that a Dockerfile is better without, with the edits that take them away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tare.core.text import Edit, Span
from tare.dockerfile.commands import PackageCommand
from tare.dockerfile.nodes import Argument, Instruction
from tare.rules.base import Problem, unsafe_fix
from tare.rules.document import Document, Step
from tare.rules.edits import remove_instruction, remove_words
from tare.rules.typed import commands_of, every_command, named


def unwanted_options(
    document: Document, kind: type[PackageCommand], names: frozenset[str], message: str
) -> Iterator[Problem]:
    """Every option with one of the main names in commands of a program; `{}` in the message is the option."""
    for entry, typed in commands_of(document, kind):
        for option in typed.options:
            if option.name in names and option.known:
                edit = None if entry.command.exec_form else typed.without(option)
                fix = unsafe_fix(f"Remove {option.written}", edit) if edit else None
                where = Span(option.words[0].span.start, option.words[-1].span.end)
                yield Problem(message.format(option.written), where, entry.step.outer, fix)


def unwanted_words(
    document: Document, programs: tuple[str, ...], is_unwanted: Callable[[str], bool], message: str
) -> Iterator[Problem]:
    """Every word that is not wanted in commands of programs without a table of options."""
    for entry in named(document, *programs):
        for word in entry.command.arguments:
            if is_unwanted(word.text):
                edits = remove_words(entry.command, word)
                fix = unsafe_fix(f"Remove {word.text}", *edits) if edits else None
                yield Problem(message.format(word.text), word.span, entry.step.outer, fix)


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A variable that is set: by ENV, by ARG's default, or within a RUN. `edit` takes it away, where that is simple."""

    step: Step
    name: str
    value: str
    where: Span
    edit: Edit | None


def settings_of(document: Document) -> tuple[Setting, ...]:
    """Every variable that the file sets, with its value as far as it is written there."""
    return document.once(_settings_of)


def _settings_of(document: Document) -> tuple[Setting, ...]:
    found: list[Setting] = []
    for step in document.of("ENV", "ARG"):
        node = step.inner
        if node.keyword == "ENV" and len(node.arguments) % 2:
            continue
        for at, (key, value) in enumerate(node.env_pairs()):
            if value is None:
                continue
            arguments = (
                node.arguments[2 * at : 2 * at + 2] if node.keyword == "ENV" else node.arguments[at : at + 1]
            )
            where = Span(arguments[0].span.start, arguments[-1].span.end)
            edit = None if step.onbuild else without_pair(document, node, arguments)
            found.append(Setting(step, key, value.strip("'\""), where, edit))
    for entry in every_command(document):
        for assignment in entry.command.assignments:
            found.append(Setting(entry.step, assignment.name, assignment.value.text, assignment.span, None))
        if entry.command.name == "export":
            for word in entry.command.arguments:
                name, equals, value = word.text.partition("=")
                if equals:
                    found.append(Setting(entry.step, name, value.strip("'\""), word.span, None))
    return tuple(found)


def without_pair(document: Document, node: Instruction, pair: tuple[Argument, ...]) -> Edit | None:
    """The edit that takes one pair out of ENV or ARG, with the line when it is the only one."""
    start, end = pair[0].span.start, pair[-1].span.end
    before = [argument for argument in node.arguments if argument.span.end <= start]
    after = [argument for argument in node.arguments if argument.span.start >= end]
    if not before and not after:
        return remove_instruction(document, node)
    gap = Span(before[-1].span.end, end) if before else Span(start, after[0].span.start)
    outside = document.text[gap.start : start] if before else document.text[end : gap.end]
    return None if "#" in outside else Edit(gap, "")


def unwanted_settings(
    document: Document, names: frozenset[str], is_unwanted: Callable[[str], bool], message: str
) -> Iterator[Problem]:
    """Every setting of one of the variables to a value that is not wanted; `{}` is the variable."""
    for setting in settings_of(document):
        if setting.name in names and is_unwanted(setting.value):
            fix = unsafe_fix(f"Remove {setting.name}", setting.edit) if setting.edit else None
            yield Problem(message.format(setting.name), setting.where, setting.step.outer, fix)
