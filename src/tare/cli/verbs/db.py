"""`tare db`."""

import os
from pathlib import Path

import click

from tare import api
from tare.api._database import default_database
from tare.cli.options import PATH, format_option, print_report

DATABASE = click.option("--db", "database", type=PATH, help="The advisory database.  [default: the user's]")


@click.group()
def command() -> None:
    """The advisory database: import, status."""


@command.command("import")
@click.argument("sources", type=PATH, nargs=-1, required=True)
@DATABASE
@format_option("db")
def import_(sources: tuple[Path, ...], database: Path | None, format_: str) -> None:
    """Add OSV advisories (JSON or YAML) from files, folders, zip and tar archives. All or nothing."""
    print_report(api.database_import(database or default_database(os.environ), sources), format_)


@command.command()
@DATABASE
@format_option("db")
def status(database: Path | None, format_: str) -> None:
    """Say what the database holds and how old it is."""
    print_report(api.database_status(database or default_database(os.environ)), format_)
