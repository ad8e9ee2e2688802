"""Applies fixes until none is left."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from tare.rules.document import Document
from tare.rules.engine import Checked, Located, check
from tare.rules.gate import passes, tried
from tare.rules.registry import Entry
from tare.schema.finding import Applicability

_MOST_FIXES = 1000
_MOST_OFFERED = 2_000_000
_MOST_READ = 10_000_000
"""Characters to read again, in all, while the fixes of one file are tried, to offer and to apply them: half a minute and
two at the worst. A try reads the whole file; a file of 5 kB may have 400 fixes to offer."""
Order = Callable[[Sequence[Located]], Sequence[Located]]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The document after all fixes, what is left there, and what was applied: findings with the line they had."""

    document: Document
    checked: Checked
    applied: tuple[tuple[Located, int], ...]


def fix_all(
    document: Document,
    entries: Sequence[Entry],
    allowed: Collection[Applicability],
    *,
    wanted: Collection[Entry] | None = None,
    order: Order = tuple,
) -> Fixed:
    """Apply fixes, one at a time, until none passes the gate: `entries` watch, those in `wanted` (default: all) fix.

    `order` decides which finding of a turn is tried first; the result must not depend on it (tests shuffle).
    """
    codes = None if wanted is None else {entry.code for entry in wanted}
    checked = check(document, entries)
    applied: list[tuple[Located, int]] = []
    tries = 0
    while len(applied) < _MOST_FIXES:
        for located in sorted(order(checked.problems), key=lambda located: located.rule.turn):
            fix = located.problem.fix
            if fix is None or fix.applicability not in allowed:
                continue
            if codes is not None and located.rule.code not in codes:
                continue
            tries += 1
            if tries * len(document.text) > _MOST_READ:
                return Fixed(document, checked, tuple(applied))
            outcome = tried(document, checked, located, entries)
            if outcome is not None:
                line = document.source.position(located.offset).line
                applied.append((located, line))
                document, checked = outcome
                break
        else:
            break
    return Fixed(document, checked, tuple(applied))


def offered(
    document: Document, checked: Checked, entries: Sequence[Entry], whole: Checked | None = None
) -> Checked:
    """The same findings without the fixes that do not pass the gate. `whole` is everything that was found in the
    document, where `checked` is only a part of it."""
    everything = whole or checked
    known: dict[object, bool] = {}
    problems: list[Located] = []
    untried = 0
    for located in checked.problems:
        if located.problem.fix is not None and len(known) * len(document.text) > _MOST_OFFERED:
            untried += 1
            problems.append(_bare(located))
        else:
            problems.append(_offered(document, everything, located, entries, known))
    return Checked(tuple(problems), checked.suppressed, untried)


def without_fixes(checked: Checked) -> Checked:
    """The same findings, offering nothing."""
    return Checked(tuple(_bare(located) for located in checked.problems), checked.suppressed)


def _offered(
    document: Document,
    checked: Checked,
    located: Located,
    entries: Sequence[Entry],
    known: dict[object, bool],
) -> Located:
    """`known`: the verdicts so far, for findings that share one fix."""
    if located.problem.fix is None:
        return located
    key = located.rule.code, located.problem.fix.edits
    if key not in known:
        known[key] = passes(document, checked, located, entries)
    return located if known[key] else _bare(located)


def _bare(located: Located) -> Located:
    if located.problem.fix is None:
        return located
    return Located(located.rule, located.severity, replace(located.problem, fix=None))
