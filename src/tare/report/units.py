"""Numbers and names as people read them. Sizes are decimal (1 MB = 10^6 bytes), as registries bill them."""

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tare.schema.optimize import ComparisonRow
    from tare.schema.quantity import Quantity


def size(value: float) -> str:
    """Bytes with three significant digits: `1.03 GB`."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(value) < 999.5 or unit == "TB":
            break
        value /= 1000
    if unit == "B":
        return f"{value:.0f} B"
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{digits}f} {unit}"


def duration(value: float) -> str:
    """Seconds: `0.14 s`, `12.3 s`, `4 min 5 s`, `2 h 10 min`."""
    if value < 60:
        return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"
    minutes, seconds = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def number(value: float, unit: str) -> str:
    """A number in its unit."""
    match unit:
        case "bytes":
            return size(value)
        case "seconds":
            return duration(value)
        case "usd":
            return f"{value:.2f} USD"
    return f"{value:g}"


def quantity(item: "Quantity | str", unit: str) -> str:
    """A quantity that says how it is known: plain when measured, `≈` with a range when estimated, else `unknown`."""
    if isinstance(item, str):
        return item
    if item.value is None:
        return "unknown"
    if item.basis == "measured":
        return number(item.value, unit)
    low = item.value if item.low is None else item.low
    high = item.value if item.high is None else item.high
    value, least, most = (number(figure, unit) for figure in (item.value, low, high))
    return f"≈ {value}" if least == value == most else f"≈ {value} ({least} to {most})"


def change(row: "ComparisonRow") -> str:
    """What became of a row: `−85 %`, `52× faster`, '' where that says nothing."""
    if isinstance(row.before, str) or isinstance(row.after, str):
        return ""
    before, after = row.before.value, row.after.value
    if before is None or after is None or before <= 0:
        return ""
    if row.unit == "seconds" and "rebuild" in row.name and after > 0 and before >= 2 * after:
        return f"{before / after:.0f}× faster"
    share = (after - before) / before * 100
    if abs(share) < 0.5:
        return "same"
    return f"{'−' if share < 0 else '+'}{abs(share):.0f} %"


def safe(text: str) -> str:
    """Text from an image or a project without control characters: they are shown as escapes."""
    if text.isprintable() and text.isascii():
        return text
    return "".join(
        char if char in "\n\t" or unicodedata.category(char)[0] != "C" else repr(char)[1:-1] for char in text
    )
