"""Sizes and ratios as people write them in budgets: `20MB`, `1.5 GiB`, `20 %`, `0.95`. Units as go-humanize reads them."""

import math
import re

from tare.core.errors import UsageError

_SIZE = re.compile(r"([0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)\s*([A-Za-z]*)")
_UNITS = {
    unit: factor
    for power, letter in enumerate("kmgtpe", 1)
    for unit, factor in (
        (letter, 1000**power),
        (f"{letter}b", 1000**power),
        (f"{letter}i", 1024**power),
        (f"{letter}ib", 1024**power),
    )
} | {"": 1, "b": 1}


def parse_size(text: str | int, where: str) -> int:
    """Bytes; `kB`, `MB` are decimal, `KiB`, `MiB` binary. Raises `UsageError` that names `where`."""
    if isinstance(text, int):
        if text < 0:
            raise UsageError(f"a size below zero: {text}", where=where)
        return text
    match = _SIZE.fullmatch(text.strip())
    factor = _UNITS.get(match[2].lower()) if match else None
    if match is None or factor is None:
        raise UsageError(f"{text!r} is no size", where=where, hint="write 500MB, 1.5GiB or a number of bytes")
    value = float(match[1].replace(",", "")) * factor
    if value >= 2**63:
        raise UsageError(f"{text!r} is too large", where=where)
    return int(value)


def parse_ratio(text: str | float, where: str) -> float:
    """A ratio from 0 to 1, also as a percentage. Raises `UsageError` that names `where`."""
    value = float("nan")
    try:
        if isinstance(text, str):
            bare = text.strip()
            value = float(bare[:-1]) / 100 if bare.endswith("%") else float(bare)
        else:
            value = float(text)
    except ValueError:
        pass
    if not math.isfinite(value) or not 0 <= value <= 1:
        raise UsageError(f"{text!r} is no ratio from 0 to 1", where=where, hint="write 0.95 or 95%")
    return value


def parse_growth(text: str | int, where: str) -> tuple[int, float]:
    """How much more is allowed: (bytes, 0.0) for a size, (0, ratio) for `5%`. Raises `UsageError`."""
    if isinstance(text, str) and text.strip().endswith("%"):
        try:
            share = float(text.strip()[:-1]) / 100
        except ValueError:
            share = float("nan")
        if math.isfinite(share) and share >= 0:
            return 0, share
        raise UsageError(f"{text!r} is no percentage", where=where, hint="write 5% or 20MB")
    return parse_size(text, where), 0.0
