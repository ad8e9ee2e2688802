"""`tare diff`."""

import os
import sys
from pathlib import Path

import click

from tare import api
from tare.api._database import default_database
from tare.cli.image_options import INSECURE, NO_CACHE, PLATFORM, image_access, layer_cache
from tare.cli.options import PATH, QUIET, format_option, print_report
from tare.cli.progress import progress


@click.command()
@click.argument("before")
@click.argument("after")
@PLATFORM
@click.option("--dockerfile-before", type=PATH, help="What BEFORE was built from: instructions get lines.")
@click.option("--dockerfile-after", type=PATH, help="What AFTER was built from.")
@click.option(
    "--db",
    "database",
    type=PATH,
    help="Also compare vulnerabilities.  [default: the user's database, if there is one]",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when a container could see a difference.")
@INSECURE
@NO_CACHE
@format_option("diff")
@QUIET
def command(
    before: str,
    after: str,
    platform: str | None,
    dockerfile_before: Path | None,
    dockerfile_after: Path | None,
    database: Path | None,
    exit_code: bool,
    insecure: bool,
    no_cache: bool,
    format_: str,
    quiet: bool,
) -> None:
    """Show what changed from image BEFORE to AFTER: layers, the instructions to blame, files, packages, configuration, size,
    waste, and known vulnerabilities where there is an advisory database."""
    own = default_database(os.environ)
    if database is None and own.is_file():
        database = own
    with progress(quiet) as on_event:
        report = api.diff(
            before,
            after,
            platform=platform,
            access=image_access(insecure),
            cache=layer_cache(no_cache),
            dockerfile_before=dockerfile_before,
            dockerfile_after=dockerfile_after,
            database=database,
            on_event=on_event,
        )
    print_report(report, format_)
    if exit_code and report.differs:
        sys.exit(1)
