"""`tare explain`."""

from pathlib import Path

import click

from tare import api
from tare.cli.image_options import INSECURE, NO_CACHE, PLATFORM, image_access, layer_cache
from tare.cli.options import PATH, QUIET, format_option, print_report
from tare.cli.progress import progress


@click.command()
@click.argument("image")
@click.argument("path")
@PLATFORM
@click.option("--dockerfile", type=PATH, help="The Dockerfile that it was built from: layers get lines.")
@INSECURE
@NO_CACHE
@format_option("explain")
@QUIET
def command(
    image: str,
    path: str,
    platform: str | None,
    dockerfile: Path | None,
    insecure: bool,
    no_cache: bool,
    format_: str,
    quiet: bool,
) -> None:
    """Say which layer, instruction and package brought PATH into IMAGE, what it was before, and who needs it."""
    with progress(quiet) as on_event:
        report = api.explain(
            image,
            path,
            platform=platform,
            access=image_access(insecure),
            dockerfile=dockerfile,
            cache=layer_cache(no_cache),
            on_event=on_event,
        )
    print_report(report, format_)
