"""The console that text is made on: 80 columns, no colour, no markup; colour is added by whoever prints it."""

from io import StringIO

from rich.console import Console
from rich.text import Text

from tare.report.units import safe
from tare.schema.run import Verification

WIDTH = 80


def new_console() -> Console:
    """A console that keeps what is printed on it."""
    return Console(
        file=StringIO(), width=WIDTH, force_terminal=False, highlight=False, markup=False, emoji=False
    )


def printed(console: Console) -> str:
    """What was printed, without blanks at the ends of lines, ending in a line feed."""
    assert isinstance(console.file, StringIO)
    return "".join(line.rstrip() + "\n" for line in console.file.getvalue().splitlines())


def print_verification(console: Console, verification: Verification) -> None:
    """Every check with its sign."""
    console.print("Verified, compared with the image before" if verification.compared else "Verified")
    for check in verification.checks:
        sign = {True: "✔", False: "✘", None: "?"}[check.passed]
        detail = f": {safe(check.detail)}" if check.detail else ""
        console.print(Text(f"  {sign} {check.kind} {safe(check.name)}{detail}"), soft_wrap=True)
