"""`tare verify`."""

import os
import sys
from pathlib import Path

import click

from tare import api
from tare.cli.options import BUILDER, QUIET, configuration, format_option, print_report
from tare.cli.progress import progress


@click.command()
@click.argument("after")
@click.argument("before", required=False)
@BUILDER
@format_option("verify")
@QUIET
@click.pass_context
def command(
    context: click.Context, after: str, before: str | None, builder: str, format_: str, quiet: bool
) -> None:
    """Ask image AFTER whether it runs, and with BEFORE whether it answers as that does. Exit code 3 when not."""
    settings = configuration(context, Path())
    with progress(quiet) as on_event:
        report = api.verify(
            after,
            before,
            builder=settings.builder,
            settings=settings.verify,
            environ=os.environ,
            on_event=on_event,
        )
    print_report(report, format_)
    if not report.verification.ok:
        sys.exit(3)
