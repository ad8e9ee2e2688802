"""`tare sbom`."""

import os

import click

from tare import api
from tare.cli.options import QUIET
from tare.cli.progress import progress


@click.command()
@click.argument("image")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["cyclonedx", "spdx"]),
    default="cyclonedx",
    show_default=True,
    help="CycloneDX 1.6 or SPDX 2.3, as JSON.",
)
@click.option("--platform", help="Which image of an index: linux/arm64.")
@QUIET
def command(image: str, format_: str, platform: str | None, quiet: bool) -> None:
    """Print the bill of materials of IMAGE: every package with its place and layer. Deterministic."""
    with progress(quiet) as on_event:
        text = api.sbom(image, format_, platform=platform, environ=os.environ, on_event=on_event)
    click.echo(text, nl=False)
