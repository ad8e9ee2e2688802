"""Commands read from the text of a RUN step."""

from typing import TypeVar

from tare.core.text import Edit, apply_edits
from tare.dockerfile import parse
from tare.dockerfile.commands import PackageCommand, recognise
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell import Word, parse_run

Kind = TypeVar("Kind", bound=PackageCommand)


def step(body: str) -> str:
    """A Dockerfile with one RUN step."""
    return f"FROM x\nRUN {body}\n"


def read(body: str, kind: type[Kind]) -> Kind:
    """The only recognised command of a step; its words must stand where their spans say."""
    text = step(body)
    script = parse_run(parse(text).instructions[1])
    assert script is not None, body
    found = [command for command in map(recognise, script) if command is not None]
    assert len(found) == 1, found
    (command,) = found
    assert isinstance(command, kind)
    for word in (*command.operands, *(o.value for o in command.options if o.value)):
        if word.contiguous and word.span.end - word.span.start == len(word.raw):
            assert word.span.of(text) == word.raw
    return command


def texts(words: tuple[Word, ...]) -> list[str]:
    """The words' texts."""
    return [word.text for word in words]


def edited(body: str, edit: Edit | None) -> str | None:
    """The step's text after an edit."""
    return (
        None
        if edit is None
        else apply_edits(step(body), [edit]).removeprefix("FROM x\nRUN ").removesuffix("\n")
    )


def arity(table: OptionTable, name: str) -> str | None:
    """Arity of an option by its exact name."""
    entry = table.arities.get(name)
    return entry[1] if entry else None
