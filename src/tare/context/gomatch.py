"""Go's `filepath.Match` on Unix: the wildcards of COPY and ADD, and the syntax check of `.dockerignore` patterns.

`*` is any run of characters but `/`, `?` one character but `/`, `[a-z]` and `[^a-z]` classes (which may match `/`),
`\\` takes the next character as it is. Semantics: https://pkg.go.dev/path/filepath#Match.
"""

import re
from functools import lru_cache


class BadPatternError(ValueError):
    """Go would answer `syntax error in pattern`."""


def _literal(pattern: str, at: int) -> tuple[str, int]:
    """One character of a class, escaped or not, and the index after it. A class never ends a pattern."""
    if at >= len(pattern) or pattern[at] in "-]":
        raise BadPatternError(pattern)
    if pattern[at] == "\\":
        at += 1
        if at >= len(pattern):
            raise BadPatternError(pattern)
    if at + 1 >= len(pattern) or "\udc80" <= pattern[at] <= "\udcff":
        raise BadPatternError(pattern)
    return pattern[at], at + 1


def _character_class(pattern: str, at: int) -> tuple[str, int]:
    """The Python class for a `[...]` whose content starts at `at`, and the index after its `]`."""
    negated = pattern[at : at + 1] == "^"
    at += negated
    ranges: list[str] = []
    seen = False
    while not (seen and pattern[at : at + 1] == "]"):
        low, at = _literal(pattern, at)
        high = low
        if pattern[at] == "-":
            high, at = _literal(pattern, at + 1)
        seen = True
        if low <= high:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
    if not ranges:
        return (r"[\s\S]" if negated else r"(?!)"), at + 1
    return f"[{'^' if negated else ''}{''.join(ranges)}]", at + 1


@lru_cache(maxsize=1024)
def _chunks(pattern: str) -> tuple[tuple[bool, str], ...]:
    """The pattern cut before each run of stars outside brackets: (whether stars stand before it, the rest)."""
    found: list[tuple[bool, str]] = []
    at = 0
    while at < len(pattern):
        start = at
        while pattern[at : at + 1] == "*":
            at += 1
        star, start = at > start, at
        inside = False
        while at < len(pattern) and (inside or pattern[at] != "*"):
            char = pattern[at]
            inside = char == "[" or (inside and char != "]")
            at += 2 if char == "\\" else 1
        at = min(at, len(pattern))
        found.append((star, pattern[start:at]))
    return tuple(found)


@lru_cache(maxsize=1024)
def _compile_chunk(chunk: str) -> re.Pattern[str]:
    """A part without stars as an expression. Raises `BadPatternError`."""
    parts: list[str] = []
    at = 0
    while at < len(chunk):
        char = chunk[at]
        at += 1
        if char == "?":
            parts.append("[^/]")
        elif char == "[":
            part, at = _character_class(chunk, at)
            parts.append(part)
        elif char == "\\":
            if at >= len(chunk):
                raise BadPatternError(chunk)
            parts.append(re.escape(chunk[at]))
            at += 1
        else:
            parts.append(re.escape(char))
    return re.compile("".join(parts))


def match(pattern: str, name: str) -> bool:
    """Whether the whole of `name` matches.

    Raises `BadPatternError` when the matching meets a malformed part; as in Go, a malformed part behind one that
    does not match is never met.
    """
    chunks = _chunks(pattern)
    at = 0
    for index, (star, chunk) in enumerate(chunks):
        if star and not chunk:
            return "/" not in name[at:]
        last = index == len(chunks) - 1
        expression = _compile_chunk(chunk)
        found = expression.match(name, at)
        while found is None or (last and found.end() < len(name)):
            if not star or at >= len(name) or name[at] == "/":
                return False
            at += 1
            found = expression.match(name, at)
        at = found.end()
    return at == len(name)


def has_wildcard(pattern: str) -> bool:
    """Whether a COPY source is a pattern at all, as BuildKit asks before it matches."""
    return any(char in pattern for char in "*?[\\")
