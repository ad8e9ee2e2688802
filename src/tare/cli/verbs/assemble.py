"""`tare assemble`."""

import os
import shlex
from pathlib import Path

import click

from tare import api
from tare.api._assemble import AssembleOptions
from tare.cli.options import PATH, QUIET, format_option, pair, print_report
from tare.cli.progress import progress
from tare.image.compress import CODECS, compression
from tare.rewrite.facts import CPU_TORCH_INDEX, RewriteSettings


@click.command()
@click.argument("path", type=PATH, default=Path())
@click.option("--base", metavar="IMAGE", help="The base image; the optimized Dockerfile's when left out.")
@click.option(
    "--output",
    "-o",
    required=True,
    metavar="DEST",
    help="oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE[:NAME], docker-daemon:NAME or docker://NAME.",
)
@click.option("--requirement", "-r", "requirements", type=PATH, multiple=True, help="A requirements file.")
@click.option("--cmd", help="The start command, as words.")
@click.option("--entrypoint", help="The entry point, as words.")
@click.option("--user", help="Numeric user and group.  [default: the Dockerfile's, else 10001:10001]")
@click.option("--workdir", help="The working directory.")
@click.option("--env", multiple=True, metavar="NAME=VALUE", help="A variable; repeat for more.")
@click.option("--platform", help="Which image of the base: linux/arm64.")
@click.option("--skip-steps", is_flag=True, help="Leave out steps that only an engine can carry out.")
@click.option(
    "--fresh", is_flag=True, help="Resolve the requirements anew, though the same were locked before."
)
@click.option("--insecure", is_flag=True, help="Use registries without verified TLS, and without TLS.")
@click.option("--compress", type=click.Choice(CODECS), default="gzip", show_default=True)
@click.option("--compression-level", type=int, help="gzip 1-9, zstd 1-22.")
@format_option("assemble")
@QUIET
def command(
    path: Path,
    base: str | None,
    output: str,
    requirements: tuple[Path, ...],
    cmd: str | None,
    entrypoint: str | None,
    user: str | None,
    workdir: str | None,
    env: tuple[str, ...],
    platform: str | None,
    skip_steps: bool,
    fresh: bool,
    insecure: bool,
    compress: str,
    compression_level: int | None,
    format_: str,
    quiet: bool,
) -> None:
    """Make an image of a base, wheels and the project's files: no daemon, no root, nothing is run."""
    options = AssembleOptions(
        requirements=requirements,
        cmd=None if cmd is None else tuple(shlex.split(cmd)),
        entrypoint=None if entrypoint is None else tuple(shlex.split(entrypoint)),
        user=user,
        workdir=workdir,
        env=dict(pair(text, "--env") for text in env),
        platform=platform,
        skip=skip_steps,
        fresh=fresh,
        insecure=insecure,
        environ=os.environ,
    )
    with progress(quiet) as on_event:
        report = api.assemble(
            path,
            base,
            output,
            options=options,
            compression=compression(compress, compression_level),
            settings=RewriteSettings(torch_index=os.environ.get("TARE_TORCH_INDEX", CPU_TORCH_INDEX)),
            on_event=on_event,
        )
    print_report(report, format_)
