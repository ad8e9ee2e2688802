"""`tare verify` for a terminal."""

from tare.report.text.console import new_console, print_verification, printed
from tare.report.units import safe
from tare.schema.verify import VerifyReport


def render(report: VerifyReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    against = f" against {safe(report.before)}" if report.before else ""
    console.print(f"verify {safe(report.after)}{against} ({report.engine})")
    print_verification(console, report.verification)
    return printed(console)
