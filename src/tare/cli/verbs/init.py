"""`tare init`."""

from pathlib import Path

import click

from tare import api
from tare.api._init import Ci
from tare.cli.options import DOCKERFILE, PATH, format_option, print_report


@click.command()
@click.argument("path", type=PATH, default=Path())
@DOCKERFILE
@click.option(
    "--ci",
    multiple=True,
    type=click.Choice(["github", "gitlab", "pre-commit"]),
    help="Also the file that runs tare there; repeat for more.",
)
@click.option("--write", is_flag=True, help="Write the files; without it they are shown.")
@click.option("--force", is_flag=True, help="With --write: replace files that exist.")
@format_option("init")
def command(
    path: Path, dockerfile: Path | None, ci: tuple[Ci, ...], write: bool, force: bool, format_: str
) -> None:
    """A commented tare.toml from what is found in PATH: port, health route, GPU; with --ci the gate for pull requests."""
    print_report(api.init(path, dockerfile=dockerfile, ci=ci, write=write, force=force), format_)
