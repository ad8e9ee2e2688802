"""`tare why` for a terminal."""

from rich.text import Text

from tare.report.text.console import new_console, printed
from tare.report.units import safe, size
from tare.schema.slim import WhyReport

_SHOWN = 25


def render(report: WhyReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    if not report.entries:
        state = (
            "it is there, as it was" if report.present else "it is not there, and slimming did not take it"
        )
        console.print(Text(f"{safe(report.path)}: not in the ledger; {state}"), soft_wrap=True)
        return printed(console)
    for entry in report.entries[:_SHOWN]:
        owner = f" of {safe(entry.package)}" if entry.package else ""
        console.print(
            Text(
                f"{safe(entry.path)}{owner}: {entry.action} by {entry.step}, {size(entry.saved_bytes)} saved"
            ),
            soft_wrap=True,
        )
        console.print(Text(f"    {safe(entry.evidence)}; {safe(entry.reason)}"), soft_wrap=True)
    if len(report.entries) > _SHOWN:
        console.print(f"… and {len(report.entries) - _SHOWN} more (--format json has them all)")
    console.print(Text(safe(report.restore)), soft_wrap=True)
    return printed(console)
