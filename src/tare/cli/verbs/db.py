"""`tare db`."""

import os
from pathlib import Path

import click

from tare import api
from tare.api._database import default_database
from tare.cli.options import PATH, QUIET, format_option, print_report
from tare.cli.progress import progress
from tare.security.feed import DEFAULT_URL

DATABASE = click.option("--db", "database", type=PATH, help="The advisory database.  [default: the user's]")


@click.group()
def command() -> None:
    """The advisory database: update, import, export, status."""


@command.command("import")
@click.argument("sources", type=PATH, nargs=-1, required=True)
@DATABASE
@format_option("db")
def import_(sources: tuple[Path, ...], database: Path | None, format_: str) -> None:
    """Add OSV advisories (JSON or YAML), KEV and EPSS lists from files, folders, zip and tar archives. All or nothing."""
    print_report(api.database_import(database or default_database(os.environ), sources), format_)


@command.command()
@click.option(
    "--ecosystem",
    "ecosystems",
    multiple=True,
    metavar="NAME",
    help="As OSV writes it: PyPI, Debian, Alpine, npm; repeat for more.  [default: those of the last update]",
)
@click.option(
    "--url",
    default=DEFAULT_URL,
    envvar="TARE_OSV_URL",
    show_default=True,
    help="The server of the bulk files, or a mirror.",
)
@click.option("--full", is_flag=True, help="Fetch everything again.")
@DATABASE
@format_option("db")
@QUIET
def update(
    ecosystems: tuple[str, ...], url: str, full: bool, database: Path | None, format_: str, quiet: bool
) -> None:
    """Fetch OSV's advisories: everything the first time, later what changed. Goes on where a broken download stopped."""
    with progress(quiet) as on_event:
        report = api.database_update(
            database or default_database(os.environ), ecosystems, url=url, full=full, on_event=on_event
        )
    print_report(report, format_)


@command.command()
@click.argument("target", type=PATH)
@DATABASE
@format_option("db")
def export(target: Path, database: Path | None, format_: str) -> None:
    """Write the database as one zip that `tare db import` reads, for machines without a network."""
    print_report(api.database_export(database or default_database(os.environ), target), format_)


@command.command()
@DATABASE
@format_option("db")
def status(database: Path | None, format_: str) -> None:
    """Say what the database holds and how old it is."""
    print_report(api.database_status(database or default_database(os.environ)), format_)
