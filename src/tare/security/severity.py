"""Severity from CVSS vectors (FIRST, CVSS v3.1 specification, section 7.1; CVSS v2 complete guide, section 3.2.1; version 4.0
has a table of some hundred scores, which the library `cvss` keeps)."""

import math
from functools import lru_cache
from typing import Literal

from cvss import CVSS4
from cvss.exceptions import CVSS4Error

Severity = Literal["critical", "high", "medium", "low", "none", "unknown"]
LEVELS: tuple[Severity, ...] = ("critical", "high", "medium", "low", "none", "unknown")

_V3 = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "CIA": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PR = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_V2 = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "CIA": {"N": 0.0, "P": 0.275, "C": 0.660},
}


@lru_cache(1 << 14)
def score(vector: str) -> float | None:
    """The base score of a CVSS 2, 3.0, 3.1 or 4.0 vector; None for what is no vector."""
    fields = dict(part.partition(":")[::2] for part in vector.strip().split("/"))
    try:
        if vector.startswith("CVSS:3."):
            return _score3(fields)
        if vector.startswith("CVSS:4."):
            return float(CVSS4(vector.strip()).base_score)
        if "Au" in fields:
            return _score2(fields)
    except (KeyError, CVSS4Error):
        return None
    return None


def level(value: float | None) -> Severity:
    """The qualitative level of a base score (v3.1, section 5)."""
    if value is None:
        return "unknown"
    if value >= 9.0:
        return "critical"
    if value >= 7.0:
        return "high"
    if value >= 4.0:
        return "medium"
    return "low" if value > 0 else "none"


def named(text: str) -> Severity:
    """A level by its name in an advisory database (`MODERATE` is GitHub's word for medium)."""
    lowered = text.strip().lower()
    for known in LEVELS:
        if lowered == known:
            return known
    return (
        "medium"
        if lowered == "moderate"
        else "low"
        if lowered in ("negligible", "unimportant")
        else "unknown"
    )


def _score3(fields: dict[str, str]) -> float:
    scope = fields["S"]
    impact_base = 1 - math.prod(1 - _V3["CIA"][fields[key]] for key in "CIA")
    changed = 7.52 * (impact_base - 0.029) - 3.25 * (impact_base - 0.02) ** 15
    impact = 6.42 * impact_base if scope == "U" else changed
    if impact <= 0:
        return 0.0
    ease = (
        8.22
        * _V3["AV"][fields["AV"]]
        * _V3["AC"][fields["AC"]]
        * _PR[scope][fields["PR"]]
        * _V3["UI"][fields["UI"]]
    )
    total = min((impact + ease) * (1.08 if scope == "C" else 1.0), 10.0)
    return _rounded_up(total)


def _rounded_up(value: float) -> float:
    """The specification's Roundup, safe from floating point (appendix A)."""
    scaled = round(value * 100_000)
    return scaled / 100_000 if scaled % 10_000 == 0 else (scaled // 10_000 + 1) / 10.0


def _score2(fields: dict[str, str]) -> float:
    impact = 10.41 * (1 - math.prod(1 - _V2["CIA"][fields[key]] for key in "CIA"))
    ease = 20 * _V2["AV"][fields["AV"]] * _V2["AC"][fields["AC"]] * _V2["Au"][fields["Au"]]
    factor = 0.0 if impact == 0 else 1.176
    return round((0.6 * impact + 0.4 * ease - 1.5) * factor, 1)
