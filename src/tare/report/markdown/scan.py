"""`tare scan` as Markdown."""

from tare.report.markdown.parts import cell, code, joined
from tare.schema.scan import ScanReport


def render(report: ScanReport) -> str:
    """The report as Markdown."""
    lines = [f"## tare scan {code(report.image)}"]
    if "vulnerabilities" in report.checks:
        lines += _vulnerabilities(report)
    if report.plan is not None:
        lines += _plan(report)
    if "secrets" in report.checks:
        lines += _secrets(report)
    if "hardening" in report.checks:
        lines += _hardening(report)
    for missing in report.unassessed:
        what = (
            f"{missing.packages} packages of {missing.ecosystem}" if missing.packages else missing.ecosystem
        )
        lines.append(f"\n> not assessed: {cell(what)}: {cell(missing.reason)}")
    return joined([*lines, *(f"\n> {cell(warning)}" for warning in report.warnings)])


def _vulnerabilities(report: ScanReport) -> list[str]:
    return [
        "",
        f"{report.assessed} of {report.packages} packages looked up; advisories up to {report.database_newest[:10]}.",
        "",
        "| severity | package | version | advisory | fixed in | layer |",
        "|---|---|---|---|---|---:|",
    ] + [
        f"| {found.severity}{'' if found.verdict == 'affected' else ' (undecided)'} | {code(found.package)} "
        f"| {code(found.version)} | {cell(', '.join((found.id, *found.aliases)))} | {cell(', '.join(found.fixed_in))} "
        f"| {found.layer or ''} |"
        for found in report.vulnerabilities
        if not found.ignored
    ]


def _secrets(report: ScanReport) -> list[str]:
    return ["", "| severity | secret | layer | what to do |", "|---|---|---:|---|"] + [
        f"| {found.severity} | {cell(found.message)} | {found.layer or ''} | {cell(found.remedy)} |"
        for found in report.secrets
        if not found.ignored
    ]


def _hardening(report: ScanReport) -> list[str]:
    return ["", "| severity | weakness | CIS | what to do |", "|---|---|---|---|"] + [
        f"| {found.severity} | {cell(found.message)} | {found.cis} | {cell(found.remedy)} |"
        for found in report.hardening
        if not found.ignored
    ]


def _plan(report: ScanReport) -> list[str]:
    rows = ["", "| change | packages | gone | stays | check |", "|---|---|---|---|---|"]
    for change in report.plan or ():
        names = ", ".join(
            f"{one.name} {one.before}" + (f" → {one.after}" if one.after else "") for one in change.packages
        )
        told = ", ".join(f"{count} {level}" for level, count in change.severities)
        rows.append(
            f"| {change.kind} | {cell(names)} | {told} | {cell(', '.join(change.left))} | {change.check}: {cell(change.reason)} |"
        )
    return rows
