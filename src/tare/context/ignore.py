"""`.dockerignore` as BuildKit reads and applies it.

The file is read by the rules of moby/patternmatcher's `ignorefile`, its patterns match by those of `patternmatcher`,
and paths are asked for in the order in which fsutil's filtered walk asks: a directory's results carry over to what
it holds. Paths are relative to the context, with `/`, undecodable bytes as surrogates (`os.fsdecode`).
"""

import posixpath
import re
from dataclasses import dataclass
from typing import Literal

from tare.context import gomatch
from tare.context.goregexp import BadExpressionError, compile_go
from tare.core.errors import ContextError

_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_ESCAPED = frozenset(".+()$")
_LONGEST_LINE_BYTES = 65535
_SURROGATES = re.compile("[\udc80-\udcff]")

How = Literal["exact", "prefix", "suffix", "expression"]


@dataclass(frozen=True, slots=True)
class IgnorePattern:
    """One pattern: `text` as written in the file, `cleaned` as it is matched, `exception` when it began with `!`."""

    text: str
    cleaned: str
    exception: bool
    line: int
    how: How
    expression: re.Pattern[str] | None

    def matches(self, path: str) -> bool:
        """Whether the pattern matches this very path, its directories not considered."""
        if self.how == "exact":
            return path == self.cleaned
        if self.how == "prefix":
            return path.startswith(self.cleaned[:-2])
        if self.how == "suffix":
            suffix = self.cleaned[2:]
            return path.endswith(suffix) or (suffix[:1] == "/" and path == suffix[1:])
        assert self.expression is not None
        return self.expression.search(_SURROGATES.sub("\ufffd", path)) is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one path. `matched` has one value a pattern and is what the path's children inherit."""

    excluded: bool
    matched: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The patterns of an ignore file in order; the last one that matches decides."""

    patterns: tuple[IgnorePattern, ...] = ()

    @property
    def has_exceptions(self) -> bool:
        """Whether any pattern begins with `!`, so that an excluded directory may hold files that are sent."""
        return any(pattern.exception for pattern in self.patterns)

    def judge(self, path: str, parent: Verdict | None) -> Verdict:
        """The verdict on a path, given the verdict on its directory (None at the top)."""
        excluded = False
        results: list[bool] = []
        for index, pattern in enumerate(self.patterns):
            hit = parent is not None and parent.matched[index]
            if not hit and pattern.exception == excluded:
                hit = pattern.matches(path)
            results.append(hit)
            if hit:
                excluded = not pattern.exception
        return Verdict(excluded, tuple(results))

    def excluded(self, path: str) -> bool:
        """Whether the path is left out of the context. A directory may be left out while files in it are sent."""
        verdict: Verdict | None = None
        at = path.find("/")
        while at >= 0:
            verdict = self.judge(path[:at], verdict)
            at = path.find("/", at + 1)
        return self.judge(path, verdict).excluded


def clean(path: str) -> str:
    """Go's `path.Clean`: the shortest equal path, by text alone."""
    absolute = path.startswith("/")
    cleaned = posixpath.normpath(path.lstrip("/") if absolute else path)
    if not absolute:
        return cleaned
    return "/" + re.sub(r"^(\.\.(/|$))+", "", cleaned if cleaned != "." else "")


def parse_ignore(text: str, path: str = ".dockerignore") -> IgnoreRules:
    """Read an ignore file. Raises `ContextError` with the line for what BuildKit refuses."""
    patterns: list[IgnorePattern] = []
    lines = text.removeprefix("\ufeff").split("\n")
    for number, raw in enumerate(lines, 1):
        if (
            len(raw) > _LONGEST_LINE_BYTES // 4
            and len(raw.encode(errors="surrogateescape")) > _LONGEST_LINE_BYTES
        ):
            raise ContextError("a line is longer than 65535 bytes", where=f"{path}:{number}")
        line = raw.removesuffix("\r")
        if line.startswith("#"):
            continue
        pattern = line.strip(_SPACE)
        if not pattern:
            continue
        inverted = pattern.startswith("!")
        if inverted:
            pattern = pattern[1:].strip(_SPACE)
        if pattern:
            pattern = clean(pattern)
            if len(pattern) > 1:
                pattern = pattern.removeprefix("/")
        patterns.append(_pattern(f"!{pattern}" if inverted else pattern, line, number, path))
    return IgnoreRules(tuple(patterns))


def _pattern(entry: str, written: str, line: int, path: str) -> IgnorePattern:
    cleaned = clean(entry.strip(_SPACE))
    exception = cleaned.startswith("!")
    where = f"{path}:{line}"
    if cleaned == "!":
        raise ContextError("'!' stands alone; it must be followed by a pattern", where=where)
    cleaned = cleaned[1:] if exception else cleaned
    try:
        gomatch.match(cleaned, ".")
        how, expression = _compile(cleaned)
    except (gomatch.BadPatternError, BadExpressionError) as error:
        raise ContextError(
            f"{written.strip()!r} is not a valid pattern",
            where=where,
            hint="close every [ with ], and do not end a pattern with a backslash",
        ) from error
    return IgnorePattern(written, cleaned, exception, line, how, expression)


def _compile(pattern: str) -> tuple[How, re.Pattern[str] | None]:
    """How a pattern is matched, and by which expression. The cases are those of moby's compiler, odd ones included:
    it means to escape `|`, `{` and `}` too, but its table has no room for them, so they keep their meaning."""
    pattern = _SURROGATES.sub("\ufffd", pattern).removeprefix("\ufeff")
    how: How = "exact"
    parts = ["^"]
    at = 0
    first = True
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*" and pattern[at : at + 1] == "*":
            at += 1
            if pattern[at : at + 1] == "/":
                at += 1
            if at < len(pattern):
                parts.append("(.*/)?")
                how = "expression"
            elif how == "exact":
                how = "prefix"
            else:
                parts.append(".*")
                how = "expression"
            if first:
                how = "suffix"
        elif char in "*?":
            parts.append("[^/]*" if char == "*" else "[^/]")
            how = "expression"
        elif char == "\\":
            parts.append(char + pattern[at : at + 1])
            at += 1
            how = "expression"
        elif char in "[]":
            parts.append(char)
            how = "expression"
        else:
            parts.append("\\" + char if char in _ESCAPED else char)
        first = False
    return how, compile_go("".join(parts) + "$") if how == "expression" else None
