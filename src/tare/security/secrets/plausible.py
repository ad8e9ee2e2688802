"""Whether a text may be a secret at all: entropy, placeholders, references to a secret that is elsewhere."""

import math
import re
from collections import Counter

_PLACEHOLDER = re.compile(
    r"example|placeholder|change[-_ ]?(?:me|it|this)|your[-_ ]?|my[-_ ]?(?:secret|token|password|key|api)|dummy|sample|redacted"
    r"|insert|replace|todo|fixme|foobar|test[-_]?(?:token|key|secret|pass)|fake|^(?:none|null|nil|true|false|undefined|empty|unset"
    r"|string|str|bytes|password|passwd|secret|token|optional|required|default|hidden|secrets?|testing|test|xxx+)$"
    r"|deadbeef|0123456789|123456789|abcdefgh|x{5,}|\*{3,}|\.{3}|#{4,}",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\$\{|\$\(|\$[A-Za-z_]|\{\{|\{%|\}\}|%\(|%[A-Za-z_]+%|^<.*>$|^\{[A-Za-z_.]*\}?$|^(?:os\.|process\.env|env[.:(]|file:|vault:|arn:|ssm:"
    r"|secretsmanager|gcp:|op://|sops|!vault|enc\[)|environ|getenv",
    re.IGNORECASE,
)


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits a character."""
    total = len(text)
    return (
        -sum(count / total * math.log2(count / total) for count in Counter(text).values()) if total else 0.0
    )


def is_placeholder(text: str) -> bool:
    """Words that stand where a secret goes, runs of one character, counted digits, and references (`$TOKEN`, `{{ token }}`)."""
    stripped = text.strip().strip("\"'`")
    if len(set(stripped)) <= 3 or _REFERENCE.search(stripped):
        return True
    return _PLACEHOLDER.search(stripped) is not None


def is_password(value: str, *, strict: bool) -> bool:
    """Whether the value of a variable with a secret's name may be a secret. `strict` in source code, where such names have
    many values that are none."""
    if is_placeholder(value) or any(char.isspace() or char in "()<>" for char in value):
        return False
    if re.match(r"(?:/|\./|\.\./|~/|[A-Za-z]:\\)[\w./\\ -]*$", value) or re.match(
        r"[a-z][a-z0-9+.-]*://[^@]*$", value, re.IGNORECASE
    ):
        return False
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
    if strict:
        digits = sum(char.isdigit() for char in value)
        return (
            len(value) >= 12 and kinds >= 2 and digits >= 2 and entropy(value) >= 3.2 and not _dotted(value)
        )
    if len(value) < 6 or _dotted(value):
        return False
    return entropy(value) >= (2.3 if kinds >= 2 else 3.0) and (kinds >= 2 or len(value) >= 10)


def _dotted(value: str) -> bool:
    """`package.module.name`, `some-plain-words`, `UPPER_CASE_NAME`: names, not secrets."""
    words = re.split(r"[._:/-]", value)
    return len(words) > 1 and all(
        re.fullmatch(r"[A-Za-z]{2,}\d?|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*", word) for word in words if word
    )
