"""Variables and quotes in the words of a Dockerfile, as BuildKit's shell lexer treats them.

Modifiers: `${v:-w}` `${v-w}` `${v:+w}` `${v+w}` `${v:?w}` `${v?w}` `${v#p}` `${v##p}` `${v%p}` `${v%%p}` `${v/p/w}`
`${v//p/w}`. Source: BuildKit's `frontend/dockerfile/shell/lex.go` and the Dockerfile reference, "Environment
replacement".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tare.core.errors import TareError
from tare.dockerfile import shell_pattern
from tare.dockerfile.whitespace import is_space

_SPECIAL_PARAMETERS = "@*#?-$!0"
_DEEPEST = 100


class ExpansionError(TareError):
    """A word that BuildKit cannot expand: an open quote, a wrong substitution, a variable that `?` demands."""


def _has_syntax(word: str, escape: str) -> bool:
    """Whether a word holds anything that is not simply itself; a byte order mark at its start is dropped."""
    return word.startswith("\ufeff") or "$" in word or "'" in word or '"' in word or escape in word


def expand(word: str, env: Mapping[str, str | None], escape: str = "\\") -> str:
    """The value of a word: variables replaced, quotes and escapes removed. An unset name (or None) gives ''.

    Raises `ExpansionError`.
    """
    if not _has_syntax(word, escape):
        return word
    return _Lexer(word, env, escape).run()[0]


def process_words(word: str, env: Mapping[str, str | None], escape: str = "\\") -> tuple[str, ...]:
    """Like `expand`, then split at unquoted white space, also at that which came from a variable (EXPOSE)."""
    return _Lexer(word, env, escape).run()[1]


def expand_known(word: str, env: Mapping[str, str | None], escape: str = "\\") -> str:
    """Like `expand`, but what depends on an unset name stays as it is written, unless `-` or `+` gives its value."""
    if not _has_syntax(word, escape):
        return word
    return _Lexer(word, env, escape, skip_unset=True, defaults=True).run()[0]


def raw_words(word: str, *, raw_quotes: bool, raw_escapes: bool) -> tuple[str, ...]:
    """Words with every variable left alone and quotes or escapes kept, as the search for here-documents needs."""
    return _Lexer(word, {}, "\\", raw_quotes=raw_quotes, raw_escapes=raw_escapes, skip_unset=True).run()[1]


def references(word: str, escape: str = "\\") -> frozenset[str]:
    """Names of the variables that a word mentions outside of single quotes; empty when it cannot be lexed."""
    if "$" not in word:
        return frozenset()
    lexer = _Lexer(word, {}, escape, skip_unset=True)
    try:
        lexer.run()
    except ExpansionError:
        return frozenset()
    return frozenset(lexer.names)


@dataclass(slots=True)
class _Words:
    done: list[str] = field(default_factory=list)
    word: str = ""
    in_word: bool = False

    def add(self, text: str) -> None:
        for char in text:
            if not is_space(char):
                self.add_raw(char)
            elif self.in_word and self.word:
                self.done.append(self.word)
                self.word, self.in_word = "", False

    def add_raw(self, text: str) -> None:
        self.word += text
        self.in_word = True

    def finish(self) -> tuple[str, ...]:
        return (*self.done, self.word) if self.word else tuple(self.done)


class _Lexer:
    """One pass over one word."""

    def __init__(
        self,
        word: str,
        env: Mapping[str, str | None],
        escape: str,
        *,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
        skip_unset: bool = False,
        defaults: bool = False,
    ) -> None:
        self._text = word
        self._at = 1 if word.startswith("\ufeff") else 0
        self._env = env
        self._escape = escape
        self._raw_quotes = raw_quotes
        self._raw_escapes = raw_escapes
        self._skip_unset = skip_unset
        self._defaults = defaults
        self._depth = 0
        self.names: set[str] = set()

    def run(self) -> tuple[str, tuple[str, ...]]:
        return self._until("", self._raw_escapes)

    def _fail(self, message: str) -> ExpansionError:
        return ExpansionError(f"cannot expand {self._text!r}: {message}")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        char = self._peek()
        self._at += len(char)
        return char

    def _until(self, stop: str, raw_escapes: bool) -> tuple[str, tuple[str, ...]]:
        outer, self._raw_escapes = self._raw_escapes, raw_escapes
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._fail("substitutions nest too deeply")
        try:
            return self._scan(stop)
        finally:
            self._raw_escapes = outer
            self._depth -= 1

    def _scan(self, stop: str) -> tuple[str, tuple[str, ...]]:
        result: list[str] = []
        words = _Words()
        while char := self._peek():
            if char == stop:
                self._next()
                return "".join(result), words.finish()
            if char == "$":
                text = self._dollar()
                words.add(text)
            elif char == "'":
                text = self._single_quoted()
                words.add_raw(text)
            elif char == '"':
                text = self._double_quoted()
                words.add_raw(text)
            elif char == self._escape:
                text = self._escaped()
                words.add_raw(text) if text else None
            else:
                text = self._next()
                words.add(text)
            result.append(text)
        if stop:
            raise self._fail(f"unexpected end while looking for matching {stop}")
        return "".join(result), words.finish()

    def _escaped(self) -> str:
        escape = self._next()
        return (escape if self._raw_escapes else "") + self._next()

    def _single_quoted(self) -> str:
        quote = self._next() if self._raw_quotes else self._next() and ""
        end = self._text.find("'", self._at)
        if end < 0:
            self._at = len(self._text)
            raise self._fail("unexpected end while looking for matching single-quote")
        inner = self._text[self._at : end]
        self._at = end + 1
        return quote + inner + quote

    def _double_quoted(self) -> str:
        self._next()
        quote = '"' if self._raw_quotes else ""
        result = [quote]
        while char := self._peek():
            if char == "$":
                result.append(self._dollar())
                continue
            self._next()
            if char == '"':
                result.append(quote)
                return "".join(result)
            if char == self._escape:
                if self._raw_escapes:
                    result.append(char)
                follower = self._peek()
                if not follower:
                    break
                if follower in ('"', "$", self._escape):
                    char = self._next()
            result.append(char)
        raise self._fail("unexpected end while looking for matching double-quote")

    def _name(self) -> str:
        first = self._peek()
        if first.isdecimal():
            start = self._at
            while self._peek().isdecimal():
                self._at += 1
            return self._text[start : self._at]
        if first and first in _SPECIAL_PARAMETERS:
            return self._next()
        start = self._at
        while (char := self._peek()) and (char.isalpha() or char.isdecimal() or char == "_"):
            self._at += 1
        return self._text[start : self._at]

    def _value(self, name: str) -> str | None:
        self.names.add(name)
        return self._env.get(name)

    def _dollar(self) -> str:
        self._next()
        if self._peek() != "{":
            name = self._name()
            if not name:
                return "$"
            value = self._value(name)
            return f"${name}" if value is None and self._skip_unset else value or ""
        self._next()
        if not self._peek():
            raise self._fail("missing '}'")
        if self._peek() in "{}:":
            raise self._fail("bad substitution")
        name = self._name()
        operator = self._next()
        if operator == "}":
            value = self._value(name)
            return f"${{{name}}}" if value is None and self._skip_unset else value or ""
        if operator == ":":
            operator += self._next()
        if operator == "/":
            return self._replacement(name)
        if operator and (operator[0] == ":" or operator in "+-?#%"):
            return self._modified(name, operator)
        raise self._fail(f"unsupported modifier ({operator}) in substitution")

    def _modified(self, name: str, operator: str) -> str:
        kind = operator[-1]
        word = self._until("}", kind in "#%")[0]
        value = self._value(name)
        if value is None and self._skip_unset and not (self._defaults and kind in "+-"):
            return f"${{{name}{operator}{word}}}"
        empty = value is None or (value == "" and operator.startswith(":"))
        if operator in ("-", ":-"):
            return word if empty else value or ""
        if operator in ("+", ":+"):
            return "" if empty else word
        if operator in ("?", ":?"):
            if empty:
                state = "unset" if value is None else "empty"
                raise self._fail(f"{name}: {word or f'is not allowed to be {state}'}")
            return value or ""
        if kind not in "#%":
            raise self._fail(f"unsupported modifier ({operator}) in substitution")
        longest = word.startswith(kind)
        pattern = self._pattern(word[1:] if longest else word)
        trim = shell_pattern.trim_prefix if kind == "#" else shell_pattern.trim_suffix
        return trim(pattern, value or "", longest=longest)

    def _replacement(self, name: str) -> str:
        everywhere = self._peek() == "/"
        if everywhere:
            self._next()
        pattern = self._until("/", True)[0]
        replacement = self._until("}", True)[0]
        value = self._value(name)
        if value is None and self._skip_unset:
            return f"${{{name}/{pattern}/{replacement}}}"
        return shell_pattern.replace(self._pattern(pattern), value or "", replacement, everywhere=everywhere)

    def _pattern(self, text: str) -> shell_pattern.Pattern:
        try:
            return shell_pattern.compile_pattern(text)
        except ValueError as error:
            raise self._fail(f"invalid pattern ({text}) in substitution: {error}") from error
