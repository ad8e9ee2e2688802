"""`tare rule` as a function."""

import difflib
from collections.abc import Sequence

from tare import __version__
from tare.core.errors import UsageError
from tare.rules.base import Rule
from tare.rules.pages import page_of
from tare.rules.registry import ENTRIES, every_rule
from tare.schema.rule import RuleReport


def rule(codes: Sequence[str] = ()) -> RuleReport:
    """The pages of rules by code, name or another tool's code (any case); all of them when none is asked for.

    Another tool's code may mean several rules. Raises `UsageError` for what no rule is called.
    """
    found: dict[str, Rule] = {}
    for code in codes:
        for one in _find(code):
            found[one.code] = one
    rules = [found[key] for key in sorted(found)] if codes else list(every_rule())
    return RuleReport("rule", __version__, tuple(page_of(one) for one in rules))


def _find(code: str) -> list[Rule]:
    wanted = code.strip().lower()
    own = [entry.load() for entry in ENTRIES if wanted in (entry.code.lower(), entry.name)]
    if own:
        return own
    others = [one for one in every_rule() if wanted in (name.lower() for name in one.equivalents)]
    if others:
        return others
    known = [name for one in every_rule() for name in (one.code, one.name, *one.equivalents)]
    close = difflib.get_close_matches(code, known, n=1, cutoff=0.7)
    hint = f"did you mean {close[0]}?" if close else "`tare rule --all` lists all rules"
    raise UsageError(f"no rule is called {code!r}", hint=hint)
