"""From a logical line to its keyword, flags and arguments.

Source of the rules: BuildKit's `frontend/dockerfile/parser/split_command.go` and `line_parsers.go`. The arguments
are those that BuildKit's parser passes on, still quoted and unexpanded.
"""

import json
import re
from dataclasses import dataclass

from tare.dockerfile.whitespace import ARGUMENT_SPACES_PATTERN, UNICODE_SPACES, is_space

_GAP = re.compile(ARGUMENT_SPACES_PATTERN)
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

EXEC_FORM = frozenset({"ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME"})
"""Instructions whose arguments may be a JSON array."""


class WordError(ValueError):
    """BuildKit's parser rejects the arguments. `at` is the offset within the text given."""

    def __init__(self, message: str, at: int, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: what it says, unquoted where that applies, and its range."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Split:
    """Keyword, flags (unquoted, `--` included) and the range of the rest, its ends stripped."""

    keyword: Piece
    flags: tuple[Piece, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments; `json` tells that they are the strings of a JSON array."""

    pieces: tuple[Piece, ...]
    json: bool = False


def split_command(text: str, start: int, end: int) -> Split:
    """Split `text[start:end]` into keyword, flags and the rest. All ranges are those of `text`."""
    start, end = _strip(text, start, end)
    gap = _GAP.search(text, start, end)
    if gap is None:
        return Split(Piece(text[start:end], start, end), (), end, end)
    keyword = Piece(text[start : gap.start()], start, gap.start())
    flags, rest = _flags(text, gap.end(), end)
    rest, end = _strip(text, rest, end)
    return Split(keyword, flags, rest, end)


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1] in UNICODE_SPACES:
        end -= 1
    while start < end and text[start] in UNICODE_SPACES:
        start += 1
    return start, end


def _flags(text: str, at: int, end: int) -> tuple[tuple[Piece, ...], int]:
    """The flags from `at` on, and where the arguments begin. The escape here is always a backslash."""
    flags: list[Piece] = []
    while True:
        while at < end and is_space(text[at]):
            at += 1
        if not text.startswith("--", at, end):
            return tuple(flags), at
        start = at
        word: list[str] = []
        quote = ""
        while at < end and (quote or not is_space(text[at])):
            char = text[at]
            if char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
            else:
                if char == "\\":
                    at += 1
                    if at == end:
                        break
                word.append(text[at])
            at += 1
        if word == ["-", "-"]:
            return tuple(flags), at
        flags.append(Piece("".join(word), start, at))


def parse_arguments(keyword: str, text: str, escape: str) -> Arguments:
    """The arguments of an instruction, from its text without keyword and flags.

    Raises `WordError` where BuildKit's parser fails. ONBUILD and unknown instructions have none here.
    """
    if not text:
        return Arguments(())
    match keyword:
        case "ENV" | "LABEL":
            return Arguments(_pairs(keyword, text, escape))
        case "ARG":
            return Arguments(_quoted_words(text, escape))
        case "EXPOSE" | "FROM":
            return Arguments(_spaced(text))
        case "MAINTAINER" | "STOPSIGNAL" | "USER" | "WORKDIR":
            return Arguments((Piece(text, 0, len(text)),))
        case "CMD" | "ENTRYPOINT" | "RUN" | "SHELL":
            return _json_array(text) or Arguments((Piece(text, 0, len(text)),))
        case "ADD" | "COPY" | "VOLUME":
            return _json_array(text) or Arguments(_spaced(text))
        case "HEALTHCHECK":
            return _healthcheck(text)
        case _:
            return Arguments(())


def _healthcheck(text: str) -> Arguments:
    end = next((at for at, char in enumerate(text) if is_space(char)), len(text))
    kind = Piece(text[:end], 0, end)
    start = _strip(text, end, len(text))[0]
    if start == len(text):
        return Arguments((kind,))
    array = _json_array(text, start)
    if array:
        return Arguments((kind, *array.pieces), json=True)
    return Arguments((kind, Piece(text[start:], start, len(text))))


def _spaced(text: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    for gap in _GAP.finditer(text):
        pieces.append(Piece(text[at : gap.start()], at, gap.start()))
        at = gap.end()
    pieces.append(Piece(text[at:], at, len(text)))
    return tuple(pieces)


def _quoted_words(text: str, escape: str) -> tuple[Piece, ...]:
    """Words split at white space outside of quotes; quotes and escapes are kept."""
    pieces: list[Piece] = []
    at = 0
    while True:
        while at < len(text) and is_space(text[at]):
            at += 1
        if at == len(text):
            return tuple(pieces)
        start = at
        quote = ""
        while at < len(text) and (quote or not is_space(text[at])):
            char = text[at]
            if char == escape and quote != "'":
                at += 1
            elif char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
            at += 1
        ends_in_escape = at > len(text)
        at = min(at, len(text))
        word_end = at - 1 if ends_in_escape else at
        if word_end > start:
            pieces.append(Piece(text[start:word_end], start, word_end))


def _pairs(keyword: str, text: str, escape: str) -> tuple[Piece, ...]:
    words = _quoted_words(text, escape)
    if not words:
        return ()
    if "=" not in words[0].text:
        gap = _GAP.search(text)
        if gap is None:
            raise WordError(
                f"{keyword} must have two arguments", 0, f"Write {keyword} {words[0].text}=value."
            )
        return Piece(text[: gap.start()], 0, gap.start()), Piece(text[gap.end() :], gap.end(), len(text))
    pieces: list[Piece] = []
    for word in words:
        key, equals, value = word.text.partition("=")
        if not equals:
            raise WordError(
                f"can't find = in {word.text!r}, must be of the form: name=value",
                word.start,
                "Quote a value that holds spaces.",
            )
        middle = word.start + len(key)
        pieces += (Piece(key, word.start, middle), Piece(value, middle + 1, word.end))
    return tuple(pieces)


def _json_array(text: str, start: int = 0) -> Arguments | None:
    """The strings of a JSON array at `start`; None when Go's decoder finds no array there (shell form)."""
    if not text.startswith("[", start):
        return None
    try:
        values, end = json.JSONDecoder(parse_constant=_no_constant).raw_decode(text, start)
    except RecursionError:
        values, end = [None], start
    except ValueError:
        return None
    if any(value in (float("inf"), float("-inf")) for value in values if isinstance(value, float)):
        return None
    if not all(isinstance(value, str) for value in values):
        raise WordError(
            "a JSON array of arguments must hold only strings",
            start,
            'Put every element in quotes: ["a", "1"].',
        )
    places = _JSON_STRING.finditer(text, start, end)
    pieces = (
        Piece(_LONE_SURROGATE.sub("\ufffd", value), place.start(), place.end())
        for value, place in zip(values, places, strict=True)
    )
    return Arguments(tuple(pieces), json=True)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
