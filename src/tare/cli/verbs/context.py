"""`tare context`."""

from pathlib import Path

import click

from tare import api
from tare.cli.options import DOCKERFILE, PATH, format_option, print_report


@click.command()
@click.argument("path", type=PATH, default=Path())
@DOCKERFILE
@format_option("context")
def command(path: Path, dockerfile: Path | None, format_: str) -> None:
    """List what a build would send, largest first, and propose a .dockerignore."""
    print_report(api.context(path, dockerfile=dockerfile), format_)
