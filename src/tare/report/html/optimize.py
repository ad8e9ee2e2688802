"""`tare optimize` as one HTML file: before and after side by side, the plan with its reasons, proof, and the diff."""

from collections.abc import Iterator
from dataclasses import dataclass

from tare.report.html.page import page, share
from tare.report.text.optimize import SIGNS, row_unknown, saving_phrase, sorted_plan
from tare.report.units import change, quantity
from tare.schema.optimize import ComparisonRow, OptimizeReport
from tare.schema.quantity import Quantity

_OUTCOMES = {"optimized": "Optimized", "unchanged": "Nothing to change", "planned": "Planned; not built"}
_HIGHLIGHTS = ("size on disk", "size to pull", "cold build", "rebuild, source changed", "team time a day")
_NOT_BETTER = frozenset({"layers"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the comparison in words; `widths` of the two bars in percent where both sides are numbers; `spans` are the
    ranges of estimates."""

    name: str
    before: str
    after: str
    change: str
    note: str
    kind: str
    widths: tuple[str, str] | None = None
    spans: tuple[str, str] = ("", "")


def render(report: OptimizeReport) -> str:
    """The page."""
    rows = [_row(row) for row in report.comparison if not row_unknown(row)]
    plan = sorted_plan(report.plan)
    applied = [item for item in plan if item.status == "applied"]
    sides = [
        (name, side.image)
        for name, side in (("Before", report.before), ("After", report.after))
        if side.image
    ]
    diffs = [
        (item.path, list(_diff_lines(item.diff)))
        for item in (report.dockerfile, report.dockerignore)
        if item.diff
    ]
    sections = [("comparison", "Before and after"), ("plan", "Optimizations")]
    sections += [("verification", "Verification")] if report.verification else []
    sections += [("files", "Files")] if diffs else []
    sections += [("layers", "Layers")] if sides else []
    return page(
        "optimize.html.j2",
        scripts=("page.js",),
        data={},
        report=report,
        outcome=_outcome(report),
        sections=sections,
        highlights=list(_highlights(report)),
        rows=rows,
        applied=applied,
        others=[item for item in plan if item.status in ("dropped", "refused")],
        idle=[item for item in plan if item.status == "not-needed"],
        phrases={item.transform: saving_phrase(item) for item in plan},
        signs=SIGNS,
        diffs=diffs,
        sides=sides,
        widest=max((layer.size_bytes for _, image in sides for layer in image.layers), default=0),
    )


def _outcome(report: OptimizeReport) -> str:
    proved = report.verification is not None and report.verification.ok
    return _OUTCOMES[report.outcome] + (" and verified" if proved and report.outcome == "optimized" else "")


def _row(row: ComparisonRow) -> Row:
    before, after = _value(row.before), _value(row.after)
    widths = None
    if before is not None and after is not None and max(before, after) > 0:
        widths = (share(before, max(before, after)), share(after, max(before, after)))
    return Row(
        row.name,
        _short(row.before, row.unit),
        _short(row.after, row.unit),
        change(row),
        row.note,
        _kind(row),
        widths,
        (_span(row.before, row.unit), _span(row.after, row.unit)),
    )


def _highlights(report: OptimizeReport) -> Iterator[Row]:
    rows = {row.name: row for row in report.comparison}
    for name in _HIGHLIGHTS:
        row = rows.get(name)
        if row is None or row_unknown(row):
            continue
        before = _short(row.before, row.unit)
        what = change(row)
        note = f"from {before}{f', {what}' if what else ''}"
        yield Row(name.capitalize(), before, _short(row.after, row.unit), what, note, _kind(row))


def _short(item: Quantity | str, unit: str) -> str:
    return item if isinstance(item, str) else quantity(item, unit).partition(" (")[0]


def _span(item: Quantity | str, unit: str) -> str:
    return "" if isinstance(item, str) else quantity(item, unit).partition(" (")[2].removesuffix(")")


def _value(item: Quantity | str) -> float | None:
    return item.value if isinstance(item, Quantity) else None


def _kind(row: ComparisonRow) -> str:
    before, after = _value(row.before), _value(row.after)
    if before is None or after is None or row.name in _NOT_BETTER or abs(after - before) < 0.005 * before:
        return ""
    return "good" if after < before else "bad"


def _diff_lines(diff: str) -> Iterator[tuple[str, str]]:
    for line in diff.rstrip("\n").split("\n"):
        if line.startswith(("--- ", "+++ ")):
            yield "name", line
        elif line.startswith("@@"):
            yield "place", line
        else:
            yield {"+": "plus", "-": "minus"}.get(line[:1], "same"), line
