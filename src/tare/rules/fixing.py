"""Applies fixes until none is left."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from tare.rules.document import Document
from tare.rules.engine import Checked, Located, check
from tare.rules.gate import tried
from tare.rules.registry import Entry
from tare.schema.finding import Applicability

_MOST_FIXES = 1000
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
    while len(applied) < _MOST_FIXES:
        for located in sorted(order(checked.problems), key=lambda located: located.rule.turn):
            fix = located.problem.fix
            if fix is None or fix.applicability not in allowed:
                continue
            if codes is not None and located.rule.code not in codes:
                continue
            outcome = tried(document, checked, located, entries)
            if outcome is not None:
                line = document.dockerfile.source.position(located.offset).line
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
    return Checked(
        tuple(_offered(document, everything, located, entries) for located in checked.problems),
        checked.suppressed,
    )


def without_fixes(checked: Checked) -> Checked:
    """The same findings, offering nothing."""
    return Checked(tuple(_bare(located) for located in checked.problems), checked.suppressed)


def _offered(document: Document, checked: Checked, located: Located, entries: Sequence[Entry]) -> Located:
    if located.problem.fix is None or tried(document, checked, located, entries) is not None:
        return located
    return _bare(located)


def _bare(located: Located) -> Located:
    if located.problem.fix is None:
        return located
    return Located(located.rule, located.severity, replace(located.problem, fix=None))
