"""The part of Go's regular expressions that can arise from a `.dockerignore` pattern, as Python expressions.

moby's pattern matcher turns a pattern into a Go expression without minding character classes or the meaning that
`\\d` has there; to match as it does, that expression is read here by Go's rules (https://pkg.go.dev/regexp/syntax):
literals, classes with POSIX names, `.`, groups, `*`, `?`, `{n,m}`, `|`, escapes. Unicode classes (`\\p{Greek}`) are
refused.
"""

import re

_DIGIT = "0-9"
_SPACE = r"\t\n\x0c\r "
_WORD = "0-9A-Za-z_"
_PERL = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": _DIGIT,
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\x0b\x0c\r ",
    "upper": "A-Z",
    "word": _WORD,
    "xdigit": "0-9A-Fa-f",
}
_CONTROL = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ASSERTIONS = {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}
_OCTAL = "01234567"
_COUNTED = re.compile(r"(\d{1,9})(,(\d{1,9})?)?\}", re.ASCII)
_LARGEST_COUNT = 1000


class BadExpressionError(ValueError):
    """Go would refuse the expression."""


def _escape(text: str, at: int) -> tuple[str, int]:
    """The character that an escape stands for (`at` is after the backslash), and the index after it."""
    if at >= len(text):
        raise BadExpressionError("trailing backslash")
    char = text[at]
    at += 1
    if char in _OCTAL and (char == "0" or text[at : at + 1] in tuple(_OCTAL)):
        end = at
        while end < at + 2 and text[end : end + 1] in tuple(_OCTAL):
            end += 1
        return chr(int(text[at - 1 : end], 8)), end
    if char == "x" and text[at : at + 1] == "{":
        wide = re.compile(r"\{([0-9A-Fa-f]{1,6})\}").match(text, at)
        if wide is None or int(wide.group(1), 16) > 0x10FFFF:
            raise BadExpressionError("invalid escape")
        return chr(int(wide.group(1), 16)), wide.end()
    if char == "x":
        digits = text[at : at + 2]
        if not re.fullmatch("[0-9A-Fa-f]{2}", digits):
            raise BadExpressionError("invalid escape")
        return chr(int(digits, 16)), at + 2
    if char in _CONTROL:
        return _CONTROL[char], at
    if char.isascii() and not char.isalnum():
        return char, at
    raise BadExpressionError(f"invalid escape \\{char}")


def _named_class(text: str, at: int) -> tuple[str, int] | None:
    """A `[:name:]` at `at` inside a class; None when it is not one."""
    end = text.find(":]", at + 2)
    if not text.startswith("[:", at) or end < 0:
        return None
    name = text[at + 2 : end]
    negated = name.startswith("^")
    if name.removeprefix("^") not in _POSIX:
        raise BadExpressionError(f"invalid character class [:{name}:]")
    return _complement(_POSIX[name.removeprefix("^")], negated), end + 2


def _complement(members: str, negated: bool) -> str:
    """Members of a class, or all other characters spelt as ranges."""
    if not negated:
        return members
    inside = re.compile(f"[{members}]")
    outside = [code for code in range(128) if not inside.match(chr(code))]
    return "".join(f"\\x{code:02x}" for code in outside) + "\\x80-\U0010ffff"


def _class(text: str, at: int) -> tuple[str, int]:
    """A class whose content starts at `at` (after `[`), and the index after its `]`."""
    negated = text[at : at + 1] == "^"
    at += negated
    members: list[str] = []
    first = True
    while first or text[at : at + 1] != "]":
        if at >= len(text):
            raise BadExpressionError("missing closing ]")
        first = False
        named = _named_class(text, at)
        if named is not None:
            members.append(named[0])
            at = named[1]
            continue
        if text[at] == "\\" and text[at + 1 : at + 2].lower() in tuple(_PERL):
            name = text[at + 1]
            members.append(_complement(_PERL[name.lower()], name.isupper()))
            at += 2
            continue
        low, at = _class_character(text, at)
        high = low
        if text[at : at + 1] == "-" and text[at + 1 : at + 2] not in ("", "]"):
            high, at = _class_character(text, at + 1)
            if high < low:
                raise BadExpressionError("invalid character class range")
        members.append(f"{re.escape(low)}-{re.escape(high)}")
    return f"[{'^' if negated else ''}{''.join(members)}]", at + 1


def _class_character(text: str, at: int) -> tuple[str, int]:
    if at >= len(text):
        raise BadExpressionError("missing closing ]")
    return _escape(text, at + 1) if text[at] == "\\" else (text[at], at + 1)


def compile_go(text: str) -> re.Pattern[str]:
    """Compile a Go expression of the kind described above. Raises `BadExpressionError` where Go refuses it."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "[":
            part, at = _class(text, at + 1)
            parts.append(part)
            continue
        at += 1
        if char == "\\":
            name = text[at : at + 1]
            if name in _ASSERTIONS:
                parts.append(_ASSERTIONS[name])
                at += 1
            elif name and name.lower() in _PERL:
                parts.append(f"[{'^' if name.isupper() else ''}{_PERL[name.lower()]}]")
                at += 1
            elif name == "Q":
                end = text.find("\\E", at)
                end = len(text) if end < 0 else end
                parts.append(re.escape(text[at + 1 : end]))
                at = end + 2
            else:
                literal, at = _escape(text, at)
                parts.append(re.escape(literal))
        elif char == "^":
            parts.append(r"(?:\A)")
        elif char == "$":
            parts.append(r"(?:\Z)")
        elif char in ".()*?|":
            parts.append(char)
        elif char == "{" and (counted := _COUNTED.match(text, at)):
            low, high = counted.group(1), counted.group(3)
            if int(low) > _LARGEST_COUNT or (high and not int(low) <= int(high) <= _LARGEST_COUNT):
                raise BadExpressionError("invalid repeat count")
            parts.append("{" + counted.group())
            at = counted.end()
        else:
            parts.append(re.escape(char))
    try:
        return re.compile("".join(parts))
    except re.error as error:
        raise BadExpressionError(str(error)) from error
