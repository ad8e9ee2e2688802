"""`tare db` for a terminal."""

from rich.text import Text

from tare.report.text.console import new_console, printed
from tare.report.units import safe
from tare.schema.scan import DatabaseReport

SHOWN = 10


def render(report: DatabaseReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    if report.added is not None:
        console.print(f"{report.added} added, {report.replaced} replaced by later ones")
    console.print(Text(safe(report.path)), soft_wrap=True)
    console.print(
        f"{report.advisories} advisories ({report.withdrawn} withdrawn), up to {report.newest[:10]}, "
        f"imported {report.updated[:10]}"
    )
    if report.exploited or report.predicted:
        console.print(
            f"{report.exploited} known to be exploited (KEV), {report.predicted} estimates of exploitation (EPSS)"
        )
    for name, count in report.ecosystems:
        console.print(Text(f"{count:>8}  {safe(name)}"))
    for text in report.unreadable[:SHOWN]:
        console.print(Text(f"not read: {safe(text)}"), soft_wrap=True)
    if len(report.unreadable) > SHOWN:
        console.print(f"… and {len(report.unreadable) - SHOWN} more that could not be read")
    return printed(console)
