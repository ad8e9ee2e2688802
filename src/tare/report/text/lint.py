"""`tare lint` for a terminal: each finding with its line and a caret."""

from tare.report.text.excerpt import excerpt
from tare.report.units import safe
from tare.schema.lint import Finding, LintReport


def render(report: LintReport) -> str:
    """The report as text, ending in a line feed. The first line of a finding is `path:line:column`, for editors."""
    blocks = [_finding(finding) for finding in report.findings]
    lines = [f"{block}\n" for block in blocks]
    for change in report.changes:
        if change.diff:
            lines.append(safe(change.diff))
    for fix in report.fixed:
        lines.append(f"fixed {_line(fix.path)}:{fix.line} {fix.code} {fix.title} [{fix.applicability}]")
    lines.append(_summary(report))
    return "\n".join(lines) + "\n"


def _finding(finding: Finding) -> str:
    place = f"{_line(finding.path)}:{finding.range.line}:{finding.range.column}"
    codes = ", ".join(code for code in finding.equivalents if code.startswith("DL"))
    name = f"{finding.code} {finding.name}" + (f" ({codes})" if codes else "")
    block = [f"{place}: {finding.severity} {name}: {_line(finding.message)}", *excerpt(finding)]
    if finding.fix is not None:
        block.append(f"  fix ({finding.fix.applicability}): {safe(finding.fix.title)}")
    return "\n".join(block)


def _line(text: str) -> str:
    """Text that stays on its line."""
    return safe(text).replace("\n", "\\n")


def _summary(report: LintReport) -> str:
    counts = [
        f"{number} {severity}{'s' if number != 1 and severity in ('error', 'warning') else ''}"
        for severity in ("error", "warning", "info", "style")
        if (number := sum(finding.severity == severity for finding in report.findings))
    ]
    files = f"{len(report.files)} file{'s' if len(report.files) != 1 else ''}"
    text = f"{files}: {', '.join(counts) or 'no findings'}"
    if report.fixed:
        text += f"; {len(report.fixed)} fixed"
    if report.suppressed:
        text += f"; {report.suppressed} silenced"
    if report.baselined:
        text += f"; {report.baselined} in the baseline"
    if report.untried and not report.fixed:
        text += f"; --diff shows and --fix applies fixes ({report.untried} to try)"
    if report.errors:
        text += f"; {len(report.errors)} could not be checked"
    return text
