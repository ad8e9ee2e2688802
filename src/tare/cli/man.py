"""The manual page, made from the commands themselves (man(7) macros)."""

import re
from collections.abc import Iterable

import click

from tare import __version__

_EXIT_CODES = (
    ("0", "Done, nothing to object to."),
    ("1", "Findings at or above --fail-on, a budget exceeded, or a --diff that is not empty."),
    ("2", "Wrong usage, a missing engine, unreadable input, a fleet that is not complete."),
    ("3", "Verification failed; nothing was written."),
    ("130", "Interrupted; nothing was written."),
)


def manual(group: click.Group) -> str:
    """The page of the program with all its commands."""
    context = click.Context(group, info_name="tare")
    lines = [
        f'.TH TARE 1 "" "tare {__version__}" "User Commands"',
        ".SH NAME",
        f"tare \\- {_text((group.help or '').rstrip('.'))}",
        ".SH SYNOPSIS",
        ".B tare",
        ".I COMMAND",
        "[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]",
        ".SH COMMANDS",
    ]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            lines += _command(f"tare {name}", command, context)
    lines += [".SH EXIT STATUS"]
    for code, meaning in _EXIT_CODES:
        lines += [".TP", f".B {code}", _text(meaning)]
    lines += [
        ".SH FILES",
        ".TP",
        ".B tare.toml",
        "The nearest one above the working directory, or the table tool.tare of pyproject.toml. See tare config show.",
        ".SH ENVIRONMENT",
        "Every key of the configuration has a variable that begins with TARE_; tare config show lists them.",
    ]
    return "\n".join(lines) + "\n"


def _command(title: str, command: click.Command, parent: click.Context) -> Iterable[str]:
    context = click.Context(command, info_name=title.rpartition(" ")[2], parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_text(title)} {_text(usage)}"
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        yield from (".PP", _text(" ".join(paragraph.replace("\b", "").split())))
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            yield from (".TP", f"\\fB{_text(record[0])}\\fR", _text(record[1]) or "\\&")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _command(f"{title} {name}", inner, context)


def _text(text: str) -> str:
    """Text that no macro or escape is read from, in ASCII: formatters differ in the encoding that they expect."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    plain = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in plain)
    return "\\&" + plain if plain.startswith((".", "'")) else plain
