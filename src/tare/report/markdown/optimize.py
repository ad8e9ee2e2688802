"""`tare optimize` as Markdown."""

from tare.report.markdown.parts import cell, checks_table, code, diff_block, joined
from tare.report.text.optimize import SIGNS, row_unknown, saving_phrase, saving_text, sorted_plan
from tare.report.units import change, quantity
from tare.schema.optimize import OptimizeReport


def render(report: OptimizeReport) -> str:
    """The report as Markdown."""
    lines = [f"## tare optimize {code(report.path)}", "", "| | before | after | |", "|---|---:|---:|---:|"]
    for row in report.comparison:
        before, after = quantity(row.before, row.unit), quantity(row.after, row.unit)
        if row_unknown(row) and not row.name.startswith("size"):
            continue
        note = f" <sub>{cell(row.note)}</sub>" if row.note else ""
        lines.append(f"| {cell(row.name)}{note} | {cell(before)} | {cell(after)} | {change(row)} |")
    lines += ["", "### Optimizations", ""]
    for item in sorted_plan(report.plan):
        if item.status == "not-needed":
            continue
        saved = saving_phrase(item)
        trust = f", {item.applicability}" if item.applicability else ""
        lines.append(
            f"- {SIGNS[item.status]} **{cell(item.title)}** ({code(item.transform)}, {item.status}{trust}): "
            f"{cell(item.reason)}" + (f"; {saved}" if saved else "")
        )
    rest = saving_text(report.unattributed)
    if rest and rest != "nothing":
        lines.append(f"- To no single optimization: {rest}")
    idle = [item for item in report.plan if item.status == "not-needed"]
    if idle:
        names = ", ".join(code(item.transform) for item in idle)
        lines.append(f"- {SIGNS['not-needed']} nothing to do: {names}")
    if report.verification is not None:
        lines += ["", "### Verification", "", *checks_table(report.verification)]
    for change_ in (report.dockerfile, report.dockerignore):
        lines += diff_block(change_)
    place = report.written or (report.work_directory,)
    if place[0]:
        what = "Wrote" if report.written else "The files are in"
        lines += ["", f"{what} {', '.join(code(path) for path in place if path)}."]
    lines += [f"\n> {cell(note)}" for note in report.notes]
    return joined(lines)
