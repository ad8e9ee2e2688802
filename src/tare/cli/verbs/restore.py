"""`tare restore`."""

import os

import click

from tare import api
from tare.cli.options import QUIET, format_option, print_report
from tare.cli.progress import progress
from tare.image.compress import CODECS, compression


@click.command()
@click.argument("image")
@click.argument("layer")
@click.option(
    "--output",
    "-o",
    required=True,
    metavar="DEST",
    help="oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE[:NAME] or docker-daemon:NAME.",
)
@click.option(
    "--compress",
    type=click.Choice(CODECS),
    default="gzip",
    show_default=True,
    help="For layers that are stored plain.",
)
@format_option("restore")
@QUIET
def command(image: str, layer: str, output: str, compress: str, format_: str, quiet: bool) -> None:
    """Put back what `tare slim --restore-layer LAYER` took out of IMAGE: the identical original tree."""
    with progress(quiet) as on_event:
        report = api.restore(
            image,
            layer,
            output,
            compression=compression(compress, None),
            docker_host=os.environ.get("DOCKER_HOST"),
            on_event=on_event,
        )
    print_report(report, format_)
