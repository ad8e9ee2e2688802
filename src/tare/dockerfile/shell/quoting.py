"""What a shell word means: its text without quotes, and whether the shell would change it further."""

import re
from dataclasses import dataclass

_EXPANSION = re.compile(r"\$[A-Za-z_0-9{(@*#?$!-]")
_PLAIN = re.compile(r"[\w./:=,@%+-]+")
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
}


@dataclass(frozen=True, slots=True)
class Unquoted:
    """`text` is the word with its quotes removed and its expansions left as written."""

    text: str
    literal: bool
    glob: bool


def unquote(raw: str) -> Unquoted:
    """Remove the quotes of one shell word, by POSIX's rules and bash's `$'...'` and `$"..."`.

    `literal` is False when the shell would put something else in a place of the word (a variable, a command's
    output, a home directory); `glob` is True when it holds an unquoted `*`, `?`, `[` or brace list.
    """
    if _PLAIN.fullmatch(raw):
        return Unquoted(raw, True, False)
    parts: list[str] = []
    literal = not (raw.startswith("~") and re.match(r"~[\w.+-]*(/|$)", raw))
    glob = False
    at = 0
    while at < len(raw):
        char = raw[at]
        if char == "'":
            end = raw.find("'", at + 1)
            end = end if end >= 0 else len(raw)
            parts.append(raw[at + 1 : end])
            at = end + 1
        elif char == '"' or raw.startswith('$"', at):
            inner, at, fixed = _double_quoted(raw, at + (2 if char == "$" else 1))
            parts.append(inner)
            literal = literal and fixed
        elif raw.startswith("$'", at):
            inner, at = _ansi_quoted(raw, at + 2)
            parts.append(inner)
        elif char == "\\":
            parts.append(raw[at + 1 : at + 2].replace("\n", ""))
            at += 2
        elif char == "`" or _EXPANSION.match(raw, at):
            end = _expansion_end(raw, at)
            parts.append(raw[at:end])
            literal = False
            at = end
        else:
            glob = glob or char in "*?[" or (char == "{" and _is_brace_list(raw, at))
            parts.append(char)
            at += 1
    return Unquoted("".join(parts), literal, glob)


def _is_brace_list(raw: str, at: int) -> bool:
    end = raw.find("}", at)
    return end > at and ("," in raw[at:end] or ".." in raw[at:end])


def _double_quoted(raw: str, at: int) -> tuple[str, int, bool]:
    parts: list[str] = []
    fixed = True
    while at < len(raw) and raw[at] != '"':
        if raw[at] == "\\" and raw[at + 1 : at + 2] in ("$", "`", '"', "\\", "\n"):
            parts.append(raw[at + 1].replace("\n", ""))
            at += 2
        elif raw[at] == "`" or _EXPANSION.match(raw, at):
            end = _expansion_end(raw, at)
            parts.append(raw[at:end])
            fixed = False
            at = end
        else:
            parts.append(raw[at])
            at += 1
    return "".join(parts), at + 1, fixed


def _ansi_quoted(raw: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(raw) and raw[at] != "'":
        if raw[at] == "\\" and at + 1 < len(raw):
            parts.append(_ESCAPES.get(raw[at + 1], raw[at + 1]))
            at += 2
        else:
            parts.append(raw[at])
            at += 1
    return "".join(parts), at + 1


def _expansion_end(raw: str, at: int) -> int:
    """Index after the expansion that starts at `at`: `` `...` ``, `${...}`, `$(...)`, `$name` or `$?`."""
    if raw[at] == "`":
        end = at + 1
        while end < len(raw) and raw[end] != "`":
            end += 2 if raw[end] == "\\" else 1
        return min(end + 1, len(raw))
    opening = raw[at + 1]
    if opening not in "{(":
        name = re.compile(r"[A-Za-z_]\w*").match(raw, at + 1)
        return name.end() if name else at + 2
    return _closing(raw, at + 2, "}" if opening == "{" else ")", opening)


def _closing(raw: str, at: int, close: str, opening: str) -> int:
    depth = 1
    while at < len(raw):
        char = raw[at]
        if char == "\\":
            at += 1
        elif char == "'":
            at = max(raw.find("'", at + 1), at)
        elif char == opening:
            depth += 1
        elif char == close:
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return len(raw)
