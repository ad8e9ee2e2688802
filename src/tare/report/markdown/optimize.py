"""`tare optimize` as Markdown."""

from tare.report.markdown.parts import cell, checks_table, code, diff_block, joined
from tare.report.text.optimize import SIGNS, saving_text, sorted_plan
from tare.report.units import change, quantity
from tare.schema.optimize import OptimizeReport


def render(report: OptimizeReport) -> str:
    """The report as Markdown."""
    lines = [f"## tare optimize {code(report.path)}", "", "| | before | after | |", "|---|---:|---:|---:|"]
    for row in report.comparison:
        before, after = quantity(row.before, row.unit), quantity(row.after, row.unit)
        if before == after == "unknown":
            continue
        note = f" <sub>{cell(row.note)}</sub>" if row.note else ""
        lines.append(f"| {cell(row.name)}{note} | {cell(before)} | {cell(after)} | {change(row)} |")
    lines += ["", "### Optimizations", ""]
    for item in sorted_plan(report.plan):
        saved = saving_text(item.saving)
        trust = f", {item.applicability}" if item.applicability else ""
        lines.append(
            f"- {SIGNS[item.status]} **{cell(item.title)}** ({code(item.transform)}, {item.status}{trust}): "
            f"{cell(item.reason)}" + (f"; saves {saved}" if saved else "")
        )
    if report.verification is not None:
        lines += ["", "### Verification", "", *checks_table(report.verification)]
    for change_ in (report.dockerfile, report.dockerignore):
        lines += diff_block(change_)
    lines += [f"\n> {cell(note)}" for note in report.notes]
    return joined(lines)
