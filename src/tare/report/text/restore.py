"""`tare restore` for a terminal."""

from rich.text import Text

from tare.report.text.console import new_console, printed
from tare.report.units import safe, size
from tare.schema.restore import RestoreReport


def render(report: RestoreReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    console.print(
        Text(
            f"{safe(report.layer)} put {size(report.layer_bytes)} back: the tree of {report.files} files is that of the"
            " original"
        ),
        soft_wrap=True,
    )
    console.print(Text(f"written: {safe(report.written)} ({report.digest})"), soft_wrap=True)
    return printed(console)
