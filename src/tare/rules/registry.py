"""All rules, with the words that a file must hold for a rule to have anything to say.

A rule's module is loaded when a file holds one of its words (any case), so `tare lint` on one file pays for the
rules that can fire there. No words: the rule looks at every file. A new rule is a new file and a line here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from tare.rules import hadolint_entries
from tare.rules.base import Rule
from tare.rules.more_entries import OFF_BY_DEFAULT, ROWS


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a rule is, and when it is needed. `aliases` are the rule's equivalents, known without loading it."""

    code: str
    name: str
    module: str
    words: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    on_by_default: bool = True

    def load(self) -> Rule:
        """The rule itself."""
        return _load(self.module)

    def wanted(self, haystack: str) -> bool:
        """Whether a file with these (lower case) instructions can break the rule."""
        return not self.words or any(word in haystack for word in self.words)

    def matches(self, selector: str) -> bool:
        """Whether a code, the beginning of a code, a name, an equivalent's code, or ALL (any case) means this rule."""
        wanted = selector.strip().lower()
        if wanted in ("all", self.name) or wanted == self.code.lower():
            return True
        if len(wanted) > 2 and wanted.startswith("tr") and self.code.lower().startswith(wanted):
            return True
        return any(wanted == alias.lower() for alias in self.aliases)


@cache
def _load(module: str) -> Rule:
    rule = import_module(module).RULE
    assert isinstance(rule, Rule)
    return rule


def _dockerfile(
    code: str, name: str, words: str = "", aliases: str = "", *, on_by_default: bool = True
) -> Entry:
    module = f"tare.rules.dockerfile.{name.replace('-', '_')}"
    return Entry(code, name, module, tuple(words.split()), tuple(aliases.split()), on_by_default)


ENTRIES: tuple[Entry, ...] = (
    _dockerfile("TR0001", "syntax-error", "", "DL1000"),
    _dockerfile("TR0002", "unused-ignore"),
    *(
        _dockerfile(*row, on_by_default=row[0] not in hadolint_entries.OFF_BY_DEFAULT)
        for row in hadolint_entries.ROWS
    ),
    *(_dockerfile(*row, on_by_default=row[0] not in OFF_BY_DEFAULT) for row in ROWS),
)


WORDS = frozenset(word for entry in ENTRIES for word in entry.words)
"""All words that rules wait for."""


def find_entries(selectors: Iterable[str]) -> tuple[Entry, ...]:
    """The entries that at least one selector means."""
    wanted = tuple(selectors)
    return tuple(entry for entry in ENTRIES if any(entry.matches(selector) for selector in wanted))


def find_rule(selector: str) -> Rule | None:
    """The rule of a code, name or equivalent; None when there is none or more than one."""
    found = [
        entry
        for entry in ENTRIES
        if selector.lower() in (entry.code.lower(), entry.name, *(alias.lower() for alias in entry.aliases))
    ]
    return found[0].load() if len(found) == 1 else None


def every_rule() -> tuple[Rule, ...]:
    """All rules, loaded, by code."""
    return tuple(sorted((entry.load() for entry in ENTRIES), key=lambda rule: rule.code))
