"""What BuildKit checks of one instruction after splitting it into words.

Source of the rules: BuildKit's `frontend/dockerfile/instructions/parse.go`, and the checks of values without
variables from `dockerfile2llb`.
"""

import difflib
import re

from tare.dockerfile.expand import ExpansionError, expand, process_words
from tare.dockerfile.flags import Rejection, check_flags
from tare.dockerfile.lexer import parse_heredoc
from tare.dockerfile.nodes import Heredoc, Instruction
from tare.dockerfile.ports import parse_port

KEYWORDS = (
    *(
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
    ),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)
"""Every instruction."""

_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*\Z")
_SIGNALS = frozenset(
    {
        *("ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT"),
        *("KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP"),
        *("TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX"),
        *(f"RTMIN+{number}" for number in range(1, 16)),
        *(f"RTMAX-{number}" for number in range(1, 15)),
    }
)


def check(instruction: Instruction, escape: str) -> None:
    """Raise `Rejection` where BuildKit rejects the instruction on its own, whatever stands around it."""
    keyword = instruction.keyword
    at = instruction.span.start
    if keyword not in KEYWORDS:
        close = difflib.get_close_matches(keyword, KEYWORDS, n=1)
        hint = f"Did you mean {close[0]}?" if close else "End the line before with \\ if it continues there."
        raise Rejection(f"unknown instruction: {keyword}", at, hint)
    _check_count(instruction)
    check_flags(instruction)
    match keyword:
        case "FROM":
            _check_from(instruction)
        case "ENV" | "LABEL" | "ARG":
            _check_names(instruction)
        case "COPY" | "ADD":
            _check_copy(instruction)
        case "SHELL":
            if instruction.form != "exec":
                raise Rejection(
                    "SHELL requires the arguments to be in JSON form", at, 'Write SHELL ["/bin/bash", "-c"].'
                )
        case "HEALTHCHECK":
            _check_healthcheck(instruction)
        case "VOLUME":
            if any(not argument.text.strip() for argument in instruction.arguments):
                raise Rejection("VOLUME specified can not be an empty string", at)
        case "EXPOSE":
            _check_expose(instruction, escape)
        case "STOPSIGNAL":
            _check_signal(instruction, escape)
        case "ONBUILD":
            _check_onbuild(instruction)


def _check_count(instruction: Instruction) -> None:
    keyword = instruction.keyword
    count = len(instruction.arguments)
    at = instruction.span.start
    if keyword in ("ADD", "COPY") and count < 2:
        raise Rejection(
            f"{keyword} requires at least two arguments, but only {count or 'none'} was provided;"
            " destination could not be determined",
            at,
            f"Write {keyword} SOURCE DESTINATION.",
        )
    if keyword in ("MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR") and count != 1:
        raise Rejection(f"{keyword} requires exactly one argument", at)
    needs_one = ("ARG", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "SHELL", "VOLUME")
    if keyword in needs_one and count == 0:
        raise Rejection(f"{keyword} requires at least one argument", at)


def _check_from(instruction: Instruction) -> None:
    arguments = instruction.arguments
    if len(arguments) == 3 and arguments[1].text.lower() == "as":
        name = arguments[2]
        if not _STAGE_NAME.match(name.text.lower()):
            raise Rejection(
                f"invalid name for build stage: {name.text!r}, name can't start with a number or contain symbols",
                name.span.start,
                "Use a letter, then letters, digits, '-', '_' or '.'.",
            )
    elif len(arguments) != 1:
        raise Rejection(
            "FROM requires either one or three arguments",
            instruction.span.start,
            "Write FROM IMAGE or FROM IMAGE AS NAME; a comment needs a line of its own.",
        )


def _check_names(instruction: Instruction) -> None:
    for name, _ in instruction.env_pairs():
        if not name:
            raise Rejection(f"{instruction.keyword} names can not be blank", instruction.span.start)


def _heredoc(word: str) -> Heredoc | None:
    try:
        return parse_heredoc(word)
    except ExpansionError:
        return None


def _check_copy(instruction: Instruction) -> None:
    dest = instruction.arguments[-1]
    if _heredoc(dest.text) is not None:
        raise Rejection(
            f"{instruction.keyword} cannot accept a heredoc as a destination",
            dest.span.start,
            "Name the file to write after the heredocs.",
        )


def _check_healthcheck(instruction: Instruction) -> None:
    kind, *rest = instruction.arguments
    at = kind.span.start
    match kind.text.upper():
        case "NONE":
            if rest or instruction.json:
                raise Rejection("HEALTHCHECK NONE takes no arguments", at)
        case "CMD":
            if not rest and instruction.form == "shell":
                raise Rejection("missing command after HEALTHCHECK CMD", at)
            if not rest:
                raise Rejection("missing command after HEALTHCHECK CMD: the array is empty", at)
        case _:
            raise Rejection(
                f"unknown type {kind.text!r} in HEALTHCHECK", at, "Write HEALTHCHECK [FLAGS] CMD COMMAND."
            )


def _check_expose(instruction: Instruction, escape: str) -> None:
    for argument in instruction.arguments:
        if "$" in argument.text:
            continue
        try:
            words = process_words(argument.text, {}, escape)
        except ExpansionError as error:
            raise Rejection(error.message, argument.span.start) from error
        for word in words:
            try:
                parse_port(word)
            except ValueError as error:
                raise Rejection(
                    str(error), argument.span.start, "Write a port or a range, as in 8080/tcp."
                ) from error


def _check_signal(instruction: Instruction, escape: str) -> None:
    text = instruction.value
    if "$" in text:
        return
    try:
        name = expand(text, {}, escape)
    except ExpansionError as error:
        raise Rejection(error.message, instruction.value_span.start) from error
    number = re.fullmatch(r"[+-]?[0-9]{1,18}", name)
    if (number and int(name) != 0) or name.upper().removeprefix("SIG") in _SIGNALS:
        return
    raise Rejection(f"invalid signal: {name}", instruction.value_span.start, "Write SIGTERM or a number.")


def _check_onbuild(instruction: Instruction) -> None:
    trigger = instruction.arguments[0]
    keyword = trigger.text.upper()
    if keyword == "ONBUILD":
        raise Rejection("chaining ONBUILD via 'ONBUILD ONBUILD' isn't allowed", trigger.span.start)
    if keyword in ("FROM", "MAINTAINER"):
        raise Rejection(f"{keyword} isn't allowed as an ONBUILD trigger", trigger.span.start)
