"""Secrets in a run of bytes: one linear pass for all keywords, then each form's pattern around a keyword that was seen.

RE2 does both passes, so that no input makes them slow. One automaton of all keywords was chosen over Aho-Corasick (pyahocorasick)
because it reads bytes as they are, in any case of letters, at some seven times the speed; see benchmarks/security.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import re2

from tare.security.secrets.assignments import KEYWORDS as NAMES
from tare.security.secrets.assignments import Assignment, Shape, assignment_at, shape_of
from tare.security.secrets.fingerprint import fingerprint
from tare.security.secrets.form import Form, Severity
from tare.security.secrets.forms import forms
from tare.security.secrets.plausible import entropy, is_password, is_placeholder

_ESCAPES = (b"\\n", b"\\t", b"\\r", b"\\0")
_WORD = re.compile(rb"[A-Za-z0-9_]").match
MOST = 200
"""Secrets in one run of bytes; a file with more fails every gate as it is."""
_GENERIC = ("TS0001", "secret-assignment", "variable with a secret's name")


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a run of bytes, at `start`. `shown` is fit for reports: the form's own characters and `***`. `doubt` says why
    it cannot be a live one, '' where nothing speaks against it."""

    code: str
    name: str
    title: str
    severity: Severity
    start: int
    end: int
    shown: str
    fingerprint: str
    doubt: str
    variable: str
    revoke: str


@dataclass(frozen=True, slots=True)
class _Compiled:
    form: Form
    pattern: "re2._Regexp[bytes]"
    tail: re.Pattern[bytes] | None


@cache
def _machine() -> tuple["re2._Regexp[bytes]", dict[bytes, tuple[tuple[_Compiled, ...], bool]]]:
    """The automaton of all keywords, and what to try at each; True where a variable's name may stand there."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 64 << 20
    options.log_errors = False
    compiled = [
        _Compiled(form, re2.compile(form.pattern.encode(), options), _tail(form.tail)) for form in forms()
    ]
    words = sorted(
        {word.lower() for one in compiled for word in one.form.keywords} | set(NAMES),
        key=lambda w: (-len(w), w),
    )
    table = {}
    for word in words:
        tried = tuple(one for one in compiled if any(other.lower() in word for other in one.form.keywords))
        table[word.encode()] = (tried, any(name in word for name in NAMES))
    search = re2.Options()
    search.encoding = re2.Options.Encoding.LATIN1
    search.max_mem = 64 << 20
    search.case_sensitive = False
    return re2.compile(b"|".join(re.escape(word.encode()) for word in words), search), table


def _tail(characters: str) -> re.Pattern[bytes] | None:
    return re.compile(f"[{characters}]".encode()) if characters else None


def is_binary(data: bytes) -> bool:
    """Whether bytes are no text: as Git tells it, by a NUL near the beginning."""
    return b"\0" in data[:8192]


def find(data: bytes, path: str = "", *, binary: bool | None = None, shape: Shape = "") -> tuple[Found, ...]:
    """All secrets, in order of place. `path` tells configuration from source code, where only quoted values count;
    `shape` says it instead.

    In binary data tokens need not stand alone (strings of bytecode touch each other), and variables are not looked for.
    """
    is_raw = is_binary(data) if binary is None else binary
    shape_here: Shape = shape or ("" if is_raw else shape_of(path))
    keywords, table = _machine()
    found = _Places()
    named: list[Assignment] = []
    for hit in keywords.finditer(data):
        if len(found.kept) + len(named) >= MOST:
            break
        tried, generic = table[hit.group().lower()]
        at = hit.start()
        for one in tried:
            if one.form.before or not _goes_on(one, data, at, is_raw):
                _match(one, data, at, is_raw, found)
        if generic and not is_raw:
            assigned = assignment_at(data, at, shape_here)
            if assigned is not None and (not named or named[-1].end <= assigned.start):
                named.append(assigned)
    for assigned in named:
        if found.free(assigned.start, assigned.end):
            found.add(_of_assignment(assigned))
    return tuple(found.kept)


class _Places:
    """Secrets that do not overlap, in order."""

    def __init__(self) -> None:
        self.kept: list[Found] = []
        self._starts: list[int] = []

    def free(self, start: int, end: int) -> bool:
        """Whether nothing was found between two offsets."""
        place = bisect_right(self._starts, start)
        before = place and self.kept[place - 1].end > start
        return not before and (place == len(self.kept) or self.kept[place].start >= end)

    def add(self, found: Found) -> None:
        """One more, where it is free."""
        place = bisect_right(self._starts, found.start)
        self._starts.insert(place, found.start)
        self.kept.insert(place, found)


def _match(one: _Compiled, data: bytes, at: int, is_raw: bool, places: _Places) -> None:
    form = one.form
    end = min(len(data), at + form.after)
    if form.before:
        begin = max(0, at - form.before)
        matches: Sequence[re2._Match[bytes]] = list(one.pattern.finditer(data[begin:end]))
    else:
        begin = at
        match = one.pattern.match(data[at:end])
        matches = [match] if match is not None else []
    for match in matches:
        group = next((place for place in range(1, one.pattern.groups + 1) if match.span(place)[0] >= 0), 0)
        start, stop = (begin + offset for offset in match.span(group))
        first, last = (begin + offset for offset in match.span(0))
        if not first <= at < last:
            continue  # another keyword's match
        if (not is_raw or form.alone) and one.tail is not None and one.tail.match(data, stop):
            continue
        if form.alone and form.before and _goes_on(one, data, first, is_raw):
            continue
        if places.free(start, stop):
            found = _judged(form, data[start:stop], start)
            if found is not None:
                places.add(found)


def _judged(form: Form, value: bytes, start: int) -> Found | None:
    """A match as a secret, or None where its value cannot be one."""
    text = value.decode("latin-1")
    if is_placeholder(text) if form.check is None else _obviously_none(text):
        return None
    if form.entropy and entropy(text) < form.entropy:
        return None
    doubt = form.check(text) if form.check is not None else ""
    if doubt.startswith(("it does not", "there is no", "it is not a")):
        return None
    return Found(
        form.code, form.name, form.title, "low" if doubt else form.severity, start, start + len(value),
        f"{text[: form.shown]}*** ({len(text)} characters)", _mark(value), doubt, "", form.revoke,
    )  # fmt: skip


def _goes_on(one: _Compiled, data: bytes, at: int, is_raw: bool) -> bool:
    """Whether what begins at an offset goes on a word that begins before it, so that it is a part of something else."""
    if (is_raw and not one.form.alone) or not at or not _WORD(data, at):
        return False
    if not _WORD(data, at - 1):
        return False
    escaped = data[max(0, at - 2) : at] in _ESCAPES
    return not escaped and re.match(rb"%[0-9A-Fa-f]{2}|u00[0-9A-Fa-f]{2}", data[max(0, at - 3) : at]) is None


def _mark(value: bytes) -> str:
    """The same for a key whose line ends are written as escapes."""
    return fingerprint(re.sub(rb"\\[nr]|\s", b"", value))


def _obviously_none(text: str) -> bool:
    return len(text) < 200 and ("EXAMPLE" in text.upper() or "123456789" in text or len(set(text[6:])) <= 3)


def named_value(name: str, value: str) -> Found | None:
    """The value of a variable whose name says that it is secret, if it may be one."""
    if not is_password(value, strict=False):
        return None
    raw = value.encode("utf-8", "replace")
    return _of_assignment(Assignment(name, raw, 0, len(raw), True))


def _of_assignment(assigned: Assignment) -> Found:
    code, name, title = _GENERIC
    value = assigned.value.decode("latin-1")
    return Found(
        code, name, title, "high" if assigned.sure else "medium", assigned.start, assigned.end,
        f"*** ({len(value)} characters)", fingerprint(assigned.value), "", assigned.name, "",
    )  # fmt: skip
