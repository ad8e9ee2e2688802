"""Markdown, for pull requests and job summaries."""

from tare.report.terminal import SIGNS, saving_text, sorted_plan
from tare.report.units import change, quantity, safe, size
from tare.schema.report import ContextReport, FileChange, OptimizeReport, Report, VerifyReport
from tare.schema.run import Verification


def render(report: Report) -> str:
    """The report as GitHub-flavoured Markdown."""
    match report:
        case OptimizeReport():
            lines = _optimize(report)
        case ContextReport():
            lines = _context(report)
        case VerifyReport():
            lines = [f"## tare verify {code(report.after)}", "", *_verification(report.verification)]
    return "\n".join(lines).rstrip("\n") + "\n"


def code(text: str) -> str:
    """Inline code that no content can leave; not split by a table either."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{safe(text)}{pad}{fence}".replace("|", "\\|").replace("\n", " ")


def _cell(text: str) -> str:
    return safe(text).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _optimize(report: OptimizeReport) -> list[str]:
    lines = [f"## tare optimize {code(report.path)}", "", "| | before | after | |", "|---|---:|---:|---:|"]
    for row in report.comparison:
        before, after = quantity(row.before, row.unit), quantity(row.after, row.unit)
        if before == after == "unknown":
            continue
        note = f" <sub>{_cell(row.note)}</sub>" if row.note else ""
        lines.append(f"| {_cell(row.name)}{note} | {_cell(before)} | {_cell(after)} | {change(row)} |")
    lines += ["", "### Optimizations", ""]
    for item in sorted_plan(report.plan):
        saved = saving_text(item.saving)
        trust = f", {item.applicability}" if item.applicability else ""
        lines.append(
            f"- {SIGNS[item.status]} **{_cell(item.title)}** ({code(item.transform)}, {item.status}{trust}): "
            f"{_cell(item.reason)}" + (f"; saves {saved}" if saved else "")
        )
    if report.verification is not None:
        lines += ["", "### Verification", "", *_verification(report.verification)]
    for change_ in (report.dockerfile, report.dockerignore):
        lines += _diff(change_)
    lines += [f"\n> {_cell(note)}" for note in report.notes]
    return lines


def _diff(change_: FileChange) -> list[str]:
    if not change_.diff:
        return []
    fence = "````" if "```" in change_.diff else "```"
    return ["", f"### {_cell(change_.path)}", "", f"{fence}diff", safe(change_.diff.rstrip("\n")), fence]


def _verification(verification: Verification) -> list[str]:
    lines = ["| | check | detail |", "|---|---|---|"]
    for check in verification.checks:
        sign = {True: "✔", False: "✘", None: "?"}[check.passed]
        lines.append(f"| {sign} | {check.kind} {_cell(check.name)} | {_cell(check.detail)} |")
    return lines


def _context(report: ContextReport) -> list[str]:
    lines = [
        f"## tare context {code(report.path)}",
        "",
        f"{report.sent_files} files, {size(report.sent_bytes)} are sent; with the proposed file {size(report.proposed_bytes)}.",
        "",
        "| size | verdict | path | why |",
        "|---:|---|---|---|",
    ]
    lines += [
        f"| {size(item.size_bytes)} | {item.verdict} | {code(item.path)} | {_cell(item.reason)} |"
        for item in report.items[:100]
    ]
    return [*lines, *_diff(report.dockerignore)]
