"""Reports that are not printed: on the screen, or as a page in a file."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from tare.core.errors import UsageError
from tare.core.io import write_all
from tare.image.analysis import Analysis
from tare.report.registry import render_page
from tare.report.units import safe
from tare.schema.inspect import InspectReport
from tare.schema.report import Report


def terminal_view(image: str) -> Callable[[InspectReport, Analysis], None]:
    """What shows a report on the terminal. Raises `UsageError` where that cannot work, before anything is read."""
    if find_spec("textual") is None:
        raise UsageError("--tui needs Textual, which is not installed", hint="pip install 'tare-image[tui]'")
    if image == "-":
        raise UsageError(
            "--tui takes keys from stdin, so the image cannot come from there", hint="save it to a file"
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--tui needs a terminal", hint="for a file to look at, use --html FILE")
    show: Callable[[InspectReport, Analysis], None] = import_module("tare.tui.run").show
    return show


def write_page(target: Path, report: Report) -> None:
    """The report as one HTML file, whole or not at all. Raises `UsageError`."""
    try:
        write_all({target: render_page(report)})
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(target)) from error
    click.echo(f"written: {safe(str(target))}", err=True)
