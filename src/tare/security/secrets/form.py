"""What a token looks like: one `Form` a documented kind of credential."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of credential.

    `keywords` are texts of which one stands in every match; they are looked for first, in any case. `pattern` is RE2 syntax
    over Latin-1; its first group is the secret, or the whole match is. With `before` 0 the match begins at a keyword; otherwise
    it begins at most that many bytes before one, and it ends at most `after` bytes behind the keyword's start. `tail` holds the
    characters that would make the token longer, so that a match in front of one of them is no match. `entropy` is the least
    entropy of the secret in bits a character. `check` says what is wrong with a text of that form that cannot be a secret: ''
    if nothing is. `shown` is how many characters are the form's own and give nothing away. `revoke` is where a token is
    withdrawn. `alone`: also in binary data nothing of `tail` may touch a match, because tables of letters have the form, too.
    """

    code: str
    name: str
    title: str
    keywords: tuple[str, ...]
    pattern: str
    severity: Severity = "high"
    before: int = 0
    after: int = 512
    tail: str = "A-Za-z0-9_"
    entropy: float = 0.0
    check: Callable[[str], str] | None = None
    shown: int = 4
    revoke: str = ""
    alone: bool = False
