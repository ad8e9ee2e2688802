"""`tare context` for a terminal."""

from rich.text import Text

from tare.report.text.console import new_console, printed
from tare.report.units import safe, size
from tare.schema.context import ContextReport

SHOWN_ITEMS = 25


def render(report: ContextReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    console.print(f"{report.sent_files} files, {size(report.sent_bytes)} are sent to the builder.")
    for item in report.items[:SHOWN_ITEMS]:
        reason = f"  {safe(item.reason)}" if item.reason else ""
        console.print(
            Text(f"{size(item.size_bytes):>10}  {item.verdict:8}  {safe(item.path)}{reason}"), soft_wrap=True
        )
    if len(report.items) > SHOWN_ITEMS:
        console.print(f"… and {len(report.items) - SHOWN_ITEMS} more (--format json has them all)")
    for problem in report.problems:
        console.print(f"problem: {safe(problem)}", soft_wrap=True)
    if report.dockerignore.diff:
        console.print()
        console.print(Text(safe(report.dockerignore.diff.rstrip("\n"))), soft_wrap=True)
        console.print(f"\nWith this file {size(report.proposed_bytes)} are sent.")
    else:
        console.print("The ignore file leaves nothing to improve.")

    return printed(console)
