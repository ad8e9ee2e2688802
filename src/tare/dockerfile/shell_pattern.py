"""The wildcard patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`.

`*` and `?` are wildcards; bracket expressions are plain text, as in BuildKit. Matching keeps a set of states instead
of backtracking, so that no pattern takes more than (pattern x text) steps from one start.
Source: POSIX, Shell Command Language, 2.13; BuildKit's `shell/lex.go`.
"""

from enum import Enum
from typing import TypeAlias


class Wildcard(Enum):
    """What is not a literal character in a pattern."""

    ANY = "?"
    MANY = "*"


Pattern: TypeAlias = tuple[Wildcard | str, ...]


def compile_pattern(text: str) -> Pattern:
    """Split a pattern into wildcards and literal characters. Raises `ValueError` on an invalid escape."""
    tokens: list[Wildcard | str] = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            tokens.append(Wildcard.MANY)
        elif char == "?":
            tokens.append(Wildcard.ANY)
        elif char == "\\" and text[at : at + 1] not in ("}", "/"):
            escaped = text[at : at + 1]
            if escaped not in ("*", "?", "\\"):
                raise ValueError(f"invalid escape '\\{escaped}'")
            tokens.append(escaped)
            at += 1
        elif char != "\\":
            tokens.append(char)
    return tuple(tokens)


def match_end(pattern: Pattern, value: str, start: int, *, longest: bool) -> int | None:
    """Where a match that begins at `start` ends: the farthest or the nearest such place, None without a match."""
    states = _closure(pattern, {0})
    found = start if len(pattern) in states else None
    for at in range(start, len(value)):
        if not states or (found is not None and not longest):
            break
        char = value[at]
        moved: set[int] = set()
        for state in states:
            if state == len(pattern):
                continue
            token = pattern[state]
            if token is Wildcard.MANY:
                if char != "\n":
                    moved.add(state)
            elif token == char or (token is Wildcard.ANY and char != "\n"):
                moved.add(state + 1)
        states = _closure(pattern, moved)
        if len(pattern) in states:
            found = at + 1
    return found


def _closure(pattern: Pattern, states: set[int]) -> set[int]:
    reached = set(states)
    for state in states:
        while state < len(pattern) and pattern[state] is Wildcard.MANY:
            state += 1
            reached.add(state)
    return reached


def trim_prefix(pattern: Pattern, value: str, *, longest: bool) -> str:
    """`${value#pattern}`, or `##` when `longest`."""
    end = match_end(pattern, value, 0, longest=longest)
    return value if end is None else value[end:]


def trim_suffix(pattern: Pattern, value: str, *, longest: bool) -> str:
    """`${value%pattern}`, or `%%` when `longest`."""
    return trim_prefix(pattern[::-1], value[::-1], longest=longest)[::-1]


def replace(pattern: Pattern, value: str, replacement: str, *, everywhere: bool) -> str:
    """`${value/pattern/replacement}`, or `//` when `everywhere`: leftmost matches, each as long as possible."""
    out: list[str] = []
    at = 0
    previous_end = -1
    while at <= len(value):
        end = match_end(pattern, value, at, longest=True)
        if end is not None and not (end == at == previous_end):
            out.append(replacement)
            previous_end = end
            if not everywhere:
                return "".join(out) + value[end:]
            if end > at:
                at = end
                continue
        out.append(value[at : at + 1])
        at += 1
    return "".join(out)
