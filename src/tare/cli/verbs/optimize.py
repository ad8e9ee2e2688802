"""`tare optimize`."""

import os
import sys
from pathlib import Path

import click

from tare import api
from tare.cli.options import (
    DOCKERFILE,
    PATH,
    QUIET,
    configuration,
    configured,
    format_option,
    pair,
    print_report,
    secret,
)
from tare.cli.progress import progress
from tare.cli.views import write_page
from tare.optimize import Options
from tare.report.units import safe
from tare.rewrite.facts import CPU_TORCH_INDEX, RewriteSettings
from tare.schema.optimize import CostInputs


@click.command()
@click.argument("path", type=PATH, default=Path())
@DOCKERFILE
@click.option(
    "--write", is_flag=True, help="Put the files in place: verified ones, or safe ones without a builder."
)
@click.option("--unsafe-fixes", is_flag=True, help="Without a builder, --write takes unproved changes too.")
@click.option("--diff", is_flag=True, help="Print the diff alone; exit code 1 when it is not empty.")
@click.option("--output", type=PATH, help="Directory for the proposed files (default: a new temporary one).")
@click.option("--html", type=PATH, metavar="FILE", help="Also write one offline HTML page.")
@format_option("optimize")
@QUIET
@click.option("--build-arg", "build_args", multiple=True, metavar="NAME=VALUE", help="As for docker build.")
@click.option(
    "--secret", "secrets", multiple=True, metavar="id=NAME,src=FILE|env=VARIABLE", help="As for docker build."
)
@click.option("--tag", help="Keep the optimized image under this name.")
@click.option(
    "--slim",
    type=click.Choice(["lossless", "safe", "reach"]),
    help="Then slim the built image (see tare slim).",
)
@click.option("--no-rebuilds", is_flag=True, help="Do not time rebuilds.")
@configured
@click.pass_context
def command(
    context: click.Context,
    /,
    path: Path,
    dockerfile: Path | None,
    write: bool,
    unsafe_fixes: bool,
    diff: bool,
    output: Path | None,
    html: Path | None,
    format_: str,
    quiet: bool,
    build_args: tuple[str, ...],
    secrets: tuple[str, ...],
    tag: str | None,
    slim: str | None,
    no_rebuilds: bool,
    **_: object,
) -> None:
    """Plan, build before and after, verify, compare. Nothing is changed in PATH without --write."""
    chosen = configuration(context, path)
    costs = chosen.costs
    options = Options(
        write=write,
        unsafe=unsafe_fixes,
        without=chosen.without,
        network=chosen.network,
        build_args=dict(pair(text, "--build-arg") for text in build_args),
        secrets=dict(secret(text) for text in secrets),
        verify=chosen.verify,
        inputs=CostInputs(
            costs.deployments_per_day,
            costs.builds_per_day,
            costs.images_kept,
            costs.storage_usd_per_gb_month,
            costs.pull_mbps,
        ),
        rebuilds=not no_rebuilds,
        keep=tag,
        slim=slim,
        output=output,
        environ=os.environ,
        debian_mirror=chosen.estimates.debian_mirror,
        cache_days=chosen.estimates.cache_days,
    )
    settings = RewriteSettings(torch=chosen.torch, torch_index=chosen.torch_index or CPU_TORCH_INDEX)
    with progress(quiet) as on_event:
        report = api.optimize(
            path,
            dockerfile=dockerfile,
            builder=chosen.builder,
            options=options,
            settings=settings,
            on_event=on_event,
        )
    if html is not None:
        write_page(html, report)
    if diff:
        changes = safe(report.dockerfile.diff + report.dockerignore.diff)
        click.echo(changes, nl=False)
        sys.exit(1 if changes else 0)
    print_report(report, format_)
