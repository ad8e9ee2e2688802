"""The source line of a finding with carets under its place."""

import unicodedata

from tare.report.units import safe
from tare.schema.lint import Finding

WIDTH = 100


def excerpt(finding: Finding) -> list[str]:
    """Two lines: `  12 | text` and the carets; nothing where the line is empty. A long line is cut around the place."""
    text = finding.excerpt.replace("\t", " ")
    if not text.strip():
        return []
    start = finding.range.column - 1
    end = finding.range.end_column - 1 if finding.range.end_line == finding.range.line else len(text)
    end = max(start + 1, min(end, len(text)))
    cut = max(0, min(start - WIDTH // 3, len(text) - WIDTH))
    shown = text[cut : cut + WIDTH]
    number = f"{finding.range.line:>5}"
    before = _columns(safe(shown[: start - cut]))
    marked = max(1, _columns(safe(shown[start - cut : end - cut])))
    return [f"{number} | {safe(shown).rstrip()}", f"{' ' * 5} | {' ' * before}{'^' * min(marked, WIDTH)}"]


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
