"""`tare gate` for a terminal."""

from tare.report.text.columns import one_line, padded
from tare.report.units import quantity
from tare.schema.gate import GateReport
from tare.schema.quantity import Quantity


def render(report: GateReport) -> str:
    """The report as text, ending in a line feed."""
    lines = [f"{one_line(report.image) or 'The change'}: {'passes' if report.passes else 'does not pass'}"]
    for check in report.checks:
        sign = {True: "✔", False: "✘", None: "?"}[check.passed]
        lines.append(f"  {sign} {one_line(check.name)}: {one_line(check.reason)}")
    if report.rows:
        lines += ["", f"  {'':38} {'before':>12} {'after':>12}"]
    for row in report.rows:
        lines.append(
            f"  {padded(row.name, 38)} {_side(row.before, row.unit):>12} {_side(row.after, row.unit):>12}"
        )
    lines += [f"  new: {one_line(one)}" for one in report.new_vulnerabilities]
    lines += [f"  fixed: {one_line(one)}" for one in report.fixed_vulnerabilities]
    lines += [f"note: {one_line(note)}" for note in report.notes]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _side(item: Quantity | None, unit: str) -> str:
    return "–" if item is None else quantity(item, "" if unit == "count" else unit).partition(" (")[0]
