"""`tare config`."""

import os
from pathlib import Path

import click

from tare import api
from tare.cli.options import PATH, configured, flags_given, format_option, print_report


@click.group()
def command() -> None:
    """The effective configuration."""


@command.command()
@click.argument("path", type=PATH, default=Path())
@format_option("config")
@configured
@click.pass_context
def show(context: click.Context, /, path: Path, format_: str, **_: object) -> None:
    """Show every key's value for PATH and where it comes from: a default, a file, a variable or a flag."""
    report = api.config(path if path.is_dir() else Path(), environ=os.environ, flags=flags_given(context))
    print_report(report, format_)
