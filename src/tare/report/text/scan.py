"""`tare scan` for a terminal."""

from collections import Counter

from rich.text import Text

from tare.report.text.console import new_console, printed
from tare.report.units import safe
from tare.schema.scan import ScanReport, Vulnerability

SHOWN = 40


def render(report: ScanReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    counted = [found for found in report.vulnerabilities if not found.ignored]
    counts = Counter(found.severity if found.verdict == "affected" else "undecided" for found in counted)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "none known"
    console.print(Text(f"{safe(report.image)}: {told}"), soft_wrap=True)
    console.print(
        Text(
            f"{report.assessed} of {report.packages} packages looked up; advisories up to {report.database_newest[:10]}, "
            f"imported {report.database_updated[:10]}"
        ),
        soft_wrap=True,
    )
    console.print()
    for found in counted[:SHOWN]:
        _row(console.print, found)
    if len(counted) > SHOWN:
        console.print(f"… and {len(counted) - SHOWN} more (--format json has them all)")
    ignored = len(report.vulnerabilities) - len(counted)
    if ignored:
        console.print(f"{ignored} ignored by the policy")
    for missing in report.unassessed:
        console.print(
            Text(
                f"not assessed: {missing.packages} packages of {safe(missing.ecosystem)}: {safe(missing.reason)}"
            ),
            soft_wrap=True,
        )
    for warning in report.warnings:
        console.print(Text(f"warning: {safe(warning)}"), soft_wrap=True)
    return printed(console)


def _row(show: object, found: Vulnerability) -> None:
    assert callable(show)
    score = "" if found.score is None else f" {found.score:.1f}"
    fix = f", fixed in {', '.join(found.fixed_in)}" if found.fixed_in else ", no fix known"
    doubt = f" (undecided: {safe(found.reason)})" if found.verdict == "unknown" else ""
    other = next((name for name in found.aliases if name.startswith("CVE-")), "")
    name = f"{found.id} ({other})" if other and other != found.id else found.id
    show(
        Text(f"{found.severity:8}{score:5} {safe(found.package)} {safe(found.version)}: {name}{fix}{doubt}"),
        soft_wrap=True,
    )
    where = f"layer {found.layer}: {found.instruction[:70]}" if found.layer else found.path
    show(Text(f"              {safe(' '.join(found.summary.split()))[:80]}"), soft_wrap=True)
    show(Text(f"              {safe(where)}"), soft_wrap=True)
