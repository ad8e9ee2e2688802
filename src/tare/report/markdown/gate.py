"""`tare gate` as Markdown: the comment on a pull request."""

from tare.report.markdown.parts import cell, code, joined
from tare.report.units import number, quantity
from tare.schema.gate import GateReport, GateRow
from tare.schema.quantity import Quantity

_SHOWN = 10


def render(report: GateReport) -> str:
    """The report as Markdown."""
    failed = [check for check in report.checks if check.passed is not True]
    verdict = f"✘ {len(failed)} of {len(report.checks)} checks stop it" if failed else "✔ passes"
    title = f"## {code(report.image)}: {verdict}" if report.image else f"## {verdict}"
    lines = [title, ""]
    for check in failed:
        doubt = " (could not be decided)" if check.passed is None else ""
        lines.append(f"- **{cell(check.name)}**{doubt}: {cell(check.reason)}")
    if failed:
        lines.append("")
    if report.rows:
        lines += ["| | before | after | |", "|---|---:|---:|---:|"]
        lines += [_row(row) for row in report.rows]
    lines += _listed("New vulnerabilities", report.new_vulnerabilities)
    lines += _listed("Fixed vulnerabilities", report.fixed_vulnerabilities)
    worse = [step for step in report.rerun_after if step not in report.rerun_before]
    if report.rerun_before or report.rerun_after:
        lines += _listed(
            "Steps that a source change now runs again",
            tuple(code(step[:120]) for step in worse),
            escaped=True,
        )
    held = [check for check in report.checks if check.passed is True]
    if held:
        lines += ["", "Holds: " + "; ".join(cell(f"{check.name} ({check.reason})") for check in held) + "."]
    lines += ["", *(f"Note: {cell(note)}" for note in report.notes)] if report.notes else []
    lines += ["", f"<sub>tare {report.tool_version}</sub>"]
    return joined(lines)


def _row(row: GateRow) -> str:
    return f"| {cell(row.name)} | {_side(row.before, row.unit)} | {_side(row.after, row.unit)} | {_change(row)} |"


def _side(item: Quantity | None, unit: str) -> str:
    return "–" if item is None else quantity(item, "" if unit == "count" else unit).partition(" (")[0]


def _change(row: GateRow) -> str:
    if row.before is None or row.after is None or row.before.value is None or row.after.value is None:
        return ""
    more = row.after.value - row.before.value
    if not more:
        return "same"
    mark = {True: " ▲", False: " ▼", None: ""}[row.worse if row.name != "layers" else None]
    text = number(abs(more), "" if row.unit == "count" else row.unit)
    share = f", {more / row.before.value * 100:+.0f} %".replace("-", "−") if row.before.value else ""
    return f"{'−' if more < 0 else '+'}{text}{share}{mark}"


def _listed(title: str, rows: tuple[str, ...], *, escaped: bool = False) -> list[str]:
    if not rows:
        return []
    shown = [f"- {row if escaped else cell(row)}" for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        shown.append(f"- … and {len(rows) - _SHOWN} more")
    return ["", f"### {title}", "", *shown]
