"""`tare diff`."""

import sys

import click

from tare import api
from tare.cli.image_options import INSECURE, NO_CACHE, PLATFORM, image_access, layer_cache
from tare.cli.options import QUIET, format_option, print_report
from tare.cli.progress import progress


@click.command()
@click.argument("before")
@click.argument("after")
@PLATFORM
@click.option("--exit-code", is_flag=True, help="Exit with 1 when a container could see a difference.")
@INSECURE
@NO_CACHE
@format_option("diff")
@QUIET
def command(
    before: str,
    after: str,
    platform: str | None,
    exit_code: bool,
    insecure: bool,
    no_cache: bool,
    format_: str,
    quiet: bool,
) -> None:
    """Show what changed from image BEFORE to AFTER: layers, files, packages, configuration, size and waste."""
    with progress(quiet) as on_event:
        report = api.diff(
            before,
            after,
            platform=platform,
            access=image_access(insecure),
            cache=layer_cache(no_cache),
            on_event=on_event,
        )
    print_report(report, format_)
    if exit_code and report.differs:
        sys.exit(1)
