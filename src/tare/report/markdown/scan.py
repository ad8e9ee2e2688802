"""`tare scan` as Markdown."""

from tare.report.markdown.parts import cell, code, joined
from tare.schema.scan import ScanReport


def render(report: ScanReport) -> str:
    """The report as Markdown."""
    lines = [
        f"## tare scan {code(report.image)}",
        "",
        f"{report.assessed} of {report.packages} packages looked up; advisories up to {report.database_newest[:10]}.",
        "",
        "| severity | package | version | advisory | fixed in | layer |",
        "|---|---|---|---|---|---:|",
    ]
    lines += [
        f"| {found.severity}{'' if found.verdict == 'affected' else ' (undecided)'} | {code(found.package)} "
        f"| {code(found.version)} | {cell(', '.join((found.id, *found.aliases)))} | {cell(', '.join(found.fixed_in))} "
        f"| {found.layer or ''} |"
        for found in report.vulnerabilities
        if not found.ignored
    ]
    lines += [
        f"\n> not assessed: {missing.packages} packages of {cell(missing.ecosystem)}: {cell(missing.reason)}"
        for missing in report.unassessed
    ]
    return joined([*lines, *(f"\n> {cell(warning)}" for warning in report.warnings)])
