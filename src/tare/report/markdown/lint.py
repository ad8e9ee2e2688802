"""`tare lint` as Markdown: a table of findings, what was fixed, and the diffs."""

from tare.report.markdown.parts import cell, code, diff_block, joined
from tare.schema.lint import LintReport


def render(report: LintReport) -> str:
    """The report as a document for a pull request or a job summary."""
    lines = [f"## Dockerfiles: {len(report.findings)} findings in {len(report.files)} files", ""]
    if report.findings:
        lines += ["| | place | rule | finding | fix |", "|---|---|---|---|---|"]
    for one in report.findings:
        place = code(f"{one.path}:{one.range.line}")
        fix = f"{one.fix.applicability}: {cell(one.fix.title)}" if one.fix else ""
        lines.append(f"| {one.severity} | {place} | {one.code} {one.name} | {cell(one.message)} | {fix} |")
    for error in report.errors:
        lines.append(f"- not checked: {code(error.path)}: {cell(error.message)}")
    if report.fixed:
        lines += ["", "### Fixed", ""]
        lines += [f"- {code(f'{fix.path}:{fix.line}')} {fix.code}: {cell(fix.title)}" for fix in report.fixed]
    for change in report.changes:
        lines += diff_block(change)
    return joined(lines)
