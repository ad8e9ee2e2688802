"""`.dive-ci` files as dive reads them: rules that the file leaves out have dive's defaults, `disabled` switches one off.

Of YAML the files use a mapping of scalars; anything else is an error, never a rule that silently passes.
"""

import re
from dataclasses import dataclass

from tare.core.errors import UsageError
from tare.inspect.amounts import parse_ratio, parse_size
from tare.report.units import size
from tare.schema.inspect import BudgetCheck, DiveFacts

_DEFAULTS = {"lowestefficiency": "0.9", "highestwastedbytes": "disabled", "highestuserwastedpercent": "0.1"}
_NAMES = {
    "lowestefficiency": "lowestEfficiency",
    "highestwastedbytes": "highestWastedBytes",
    "highestuserwastedpercent": "highestUserWastedPercent",
}
_LINE = re.compile(r"""(\s*)(?:"([^"]*)"|'([^']*)'|([^\s#:"'][^:#]*?))\s*:(?:\s+(.*?))?\s*""")
_SCALAR = re.compile(r"""(?:"([^"\\]*)"|'([^']*)'|([^\s"'#\[\]{}&*!|>%@`,][^#]*?))?\s*(?:#.*)?""")


@dataclass(frozen=True, slots=True)
class DiveRules:
    """The rules; None is one that is disabled."""

    lowest_efficiency: float | None
    highest_wasted_bytes: int | None
    highest_user_wasted_percent: float | None
    origin: str


def read_dive_ci(text: str, where: str) -> DiveRules:
    """Raises `UsageError` for what is not understood."""
    values = {**_DEFAULTS, **_rules(text, where)}

    def ratio(key: str) -> float | None:
        value = values[key]
        return None if value.lower() == "disabled" else parse_ratio(value, f"{where}: {_NAMES[key]}")

    wasted = values["highestwastedbytes"]
    return DiveRules(
        ratio("lowestefficiency"),
        None if wasted.lower() == "disabled" else parse_size(wasted, f"{where}: highestWastedBytes"),
        ratio("highestuserwastedpercent"),
        where,
    )


def _rules(text: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    inside = False
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#") or line.strip() in ("---", "..."):
            continue
        match = _LINE.fullmatch(line)
        value = _SCALAR.fullmatch(match[5] or "") if match else None
        if match is None or value is None or "\t" in match[1]:
            raise UsageError(
                "not understood as a mapping", where=f"{where}:{number}", hint="write rules as dive does"
            )
        key = next(part for part in match.groups()[1:4] if part is not None).strip().lower()
        content = next((part for part in value.groups() if part is not None), None)
        if not match[1]:
            inside = key == "rules"
            if inside and content is not None:
                raise UsageError("rules is no mapping", where=f"{where}:{number}")
        elif inside:
            if key not in _NAMES:
                raise UsageError(
                    f"dive has no rule {key}",
                    where=f"{where}:{number}",
                    hint=f"one of {', '.join(_NAMES.values())}",
                )
            if content is None:
                raise UsageError(f"{_NAMES[key]} has no value", where=f"{where}:{number}")
            found[key] = content
    return found


def check_dive(rules: DiveRules, dive: DiveFacts) -> tuple[BudgetCheck, ...]:
    """dive's own comparisons. An image without bytes wastes none and passes, as it does there."""
    checks = []
    if rules.lowest_efficiency is not None:
        actual = 1.0 if dive.efficiency is None else dive.efficiency
        passed = actual >= rules.lowest_efficiency
        sign = "≥" if passed else "<"
        reason = f"dive's efficiency {actual:.4f} {sign} {rules.lowest_efficiency:g}"
        checks.append(
            BudgetCheck(
                "lowestEfficiency", rules.lowest_efficiency, actual, "ratio", passed, reason, rules.origin
            )
        )
    if rules.highest_wasted_bytes is not None:
        passed = dive.wasted_bytes <= rules.highest_wasted_bytes
        sign = "≤" if passed else ">"
        reason = f"dive's wasted bytes {size(dive.wasted_bytes)} {sign} {size(rules.highest_wasted_bytes)}"
        checks.append(
            BudgetCheck(
                "highestWastedBytes",
                rules.highest_wasted_bytes,
                dive.wasted_bytes,
                "bytes",
                passed,
                reason,
                rules.origin,
            )
        )
    if rules.highest_user_wasted_percent is not None:
        share = dive.wasted_user_percent or 0.0
        passed = share <= rules.highest_user_wasted_percent
        sign = "≤" if passed else ">"
        reason = f"dive's wasted share of own layers {share:.4f} {sign} {rules.highest_user_wasted_percent:g}"
        checks.append(
            BudgetCheck(
                "highestUserWastedPercent",
                rules.highest_user_wasted_percent,
                share,
                "ratio",
                passed,
                reason,
                rules.origin,
            )
        )
    return tuple(checks)
