"""`tare optimize`."""

import os
from pathlib import Path

import click

from tare import api
from tare.cli.options import BUILDER, DOCKERFILE, PATH, QUIET, format_option, pair, print_report, secret
from tare.cli.progress import progress
from tare.optimize import Options
from tare.rewrite.facts import CPU_TORCH_INDEX, RewriteSettings
from tare.schema.optimize import CostInputs


@click.command()
@click.argument("path", type=PATH, default=Path())
@DOCKERFILE
@click.option("--write", is_flag=True, help="Put the verified files in place.")
@click.option("--output", type=PATH, help="Directory for the proposed files (default: a new temporary one).")
@BUILDER
@format_option("optimize")
@QUIET
@click.option("--without", multiple=True, metavar="NAME", help="Leave a transform out; repeat for more.")
@click.option("--network", help="The builder's network mode, such as host.")
@click.option("--build-arg", "build_args", multiple=True, metavar="NAME=VALUE", help="As for docker build.")
@click.option(
    "--secret", "secrets", multiple=True, metavar="id=NAME,src=FILE|env=VARIABLE", help="As for docker build."
)
@click.option(
    "--torch", type=click.Choice(["auto", "keep"]), help="auto: the CPU build where nothing asks for a GPU."
)
@click.option(
    "--torch-index", metavar="URL", help=f"Index of torch's CPU wheels [default: {CPU_TORCH_INDEX}]."
)
@click.option("--tag", help="Keep the optimized image under this name.")
@click.option("--no-rebuilds", is_flag=True, help="Do not time rebuilds.")
@click.option("--deployments", type=int, help="Deployments a day, for the comparison.")
@click.option("--builds", type=int, help="Builds a day over the team, for the comparison.")
def command(
    path: Path,
    dockerfile: Path | None,
    write: bool,
    output: Path | None,
    builder: str,
    format_: str,
    quiet: bool,
    without: tuple[str, ...],
    network: str | None,
    build_args: tuple[str, ...],
    secrets: tuple[str, ...],
    torch: str | None,
    torch_index: str | None,
    tag: str | None,
    no_rebuilds: bool,
    deployments: int | None,
    builds: int | None,
) -> None:
    """Plan, build before and after, verify, compare. Nothing is changed in PATH without --write."""
    configuration = api.load_configuration(path if path.is_dir() else Path())
    costs = configuration.costs
    options = Options(
        write=write,
        without=(*configuration.without, *without),
        network=network,
        build_args=dict(pair(text, "--build-arg") for text in build_args),
        secrets=dict(secret(text) for text in secrets),
        verify=configuration.verify,
        inputs=CostInputs(
            costs.deployments_per_day if deployments is None else deployments,
            costs.builds_per_day if builds is None else builds,
            costs.images_kept,
            costs.storage_usd_per_gb_month,
        ),
        rebuilds=not no_rebuilds,
        keep=tag,
        output=output,
        environ=os.environ,
    )
    settings = RewriteSettings(
        torch=torch or configuration.torch,
        torch_index=torch_index or configuration.torch_index or CPU_TORCH_INDEX,
    )
    with progress(quiet) as on_event:
        report = api.optimize(
            path,
            dockerfile=dockerfile,
            builder=builder,
            options=options,
            settings=settings,
            on_event=on_event,
        )
    print_report(report, format_)
