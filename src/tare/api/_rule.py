"""`tare rule` as a function."""

import difflib
from collections.abc import Sequence

from tare import __version__
from tare.core.errors import UsageError
from tare.inspect.finding_rules import finding_pages
from tare.rules.base import Rule
from tare.rules.pages import page_of
from tare.rules.registry import ENTRIES, every_rule
from tare.schema.rule import RulePage, RuleReport


def rule(codes: Sequence[str] = ()) -> RuleReport:
    """The pages of rules by code, name or another tool's code (any case); all of them when none is asked for: those of
    `tare lint`, then those of `tare inspect`.

    Another tool's code may mean several rules. Raises `UsageError` for what no rule is called.
    """
    of_images = {page.code: page for page in finding_pages()}
    if not codes:
        pages = [*(page_of(one) for one in every_rule()), *of_images.values()]
        return RuleReport("rule", __version__, tuple(pages))
    found: dict[str, RulePage] = {}
    for code in codes:
        wanted = code.strip().lower()
        own = [page for page in of_images.values() if wanted in (page.code.lower(), page.name)]
        for page in own or [page_of(one) for one in _find(code)]:
            found[page.code] = page
    return RuleReport("rule", __version__, tuple(found[key] for key in sorted(found)))


def _find(code: str) -> list[Rule]:
    wanted = code.strip().lower()
    own = [entry.load() for entry in ENTRIES if wanted in (entry.code.lower(), entry.name)]
    if own:
        return own
    others = [one for one in every_rule() if wanted in (name.lower() for name in one.equivalents)]
    if others:
        return others
    known = [name for one in every_rule() for name in (one.code, one.name, *one.equivalents)]
    known += [name for page in finding_pages() for name in (page.code, page.name)]
    close = difflib.get_close_matches(code, known, n=1, cutoff=0.7)
    hint = f"did you mean {close[0]}?" if close else "`tare rule --all` lists all rules"
    raise UsageError(f"no rule is called {code!r}", hint=hint)
