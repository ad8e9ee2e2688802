"""`tare fleet` as CSV (RFC 4180): the images, and every other table as a file of its own."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from tare.report.units import safe
from tare.schema.fleet import FleetReport
from tare.schema.quantity import Quantity

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(report: FleetReport) -> str:
    """The images, the one with most to free first. A fleet that is not complete says so in its last rows."""
    return tables(report)["images"]


def tables(report: FleetReport) -> Mapping[str, str]:
    """Every table by its name. `missing` is there always, empty for a whole fleet."""
    found = {
        "images": _table(report.images),
        "bases": _table(report.bases),
        "base-versions": _table(report.alignments),
        "packages": _table(report.packages),
        "waste": _table(report.waste),
        "twin-layers": _table(report.twins),
        "missing": _table(report.missing),
    }
    if report.security is not None:
        found["vulnerabilities"] = _table(report.security.vulnerabilities)
    if report.missing:
        found["images"] += "".join(
            _line(("MISSING", one.what, f"{one.stage}: {one.message}")) for one in report.missing
        )
    return found


def _table(rows: Sequence[Any]) -> str:
    if not rows:
        return ""
    head: list[str] = []
    for field in fields(rows[0]):
        head.append(field.name)
        if isinstance(getattr(rows[0], field.name), Quantity):
            head.append(f"{field.name}_basis")
    lines = [_line(head)]
    for row in rows:
        cells: list[object] = []
        for field in fields(row):
            value = getattr(row, field.name)
            if isinstance(value, Quantity):
                cells += ["" if value.value is None else round(value.value), value.basis]
            else:
                cells.append(value)
        lines.append(_line(cells))
    return "".join(lines)


def _line(cells: Iterable[object]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return target.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, tuple):
        value = " ".join(str(one) for one in value)
    if isinstance(value, str):
        text = safe(value)
        return f"'{text}" if text.startswith(_FORMULA) else text  # a stranger's name must not be a formula
    return value
