"""`tare why`."""

import os
import sys

import click

from tare import api
from tare.cli.options import QUIET, format_option, print_report
from tare.cli.progress import progress


@click.command()
@click.argument("image")
@click.argument("path")
@format_option("why")
@QUIET
def command(image: str, path: str, format_: str, quiet: bool) -> None:
    """Say why PATH of a slim IMAGE is gone or changed. Exit code 1 when the ledger does not name it."""
    with progress(quiet) as on_event:
        report = api.why(image, path, docker_host=os.environ.get("DOCKER_HOST"), on_event=on_event)
    print_report(report, format_)
    if not report.entries:
        sys.exit(1)
