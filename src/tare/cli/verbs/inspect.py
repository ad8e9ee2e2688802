"""`tare inspect`."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
from click.core import ParameterSource

from tare import api
from tare.api._inspect import BudgetInputs
from tare.api.configuration import resolve_configuration
from tare.cli.image_options import INSECURE, NO_CACHE, PLATFORM, image_access, layer_cache
from tare.cli.options import PATH, QUIET, format_option, print_report
from tare.cli.progress import progress
from tare.cli.views import terminal_view, write_page
from tare.schema.inspect import ScoreName

_KEYS = {
    "max_size": "budget.size",
    "max_pull": "budget.pull",
    "max_layers": "budget.layers",
    "max_waste": "budget.waste",
    "min_efficiency": "budget.efficiency",
    "baseline": "budget.baseline",
    "max_growth": "budget.growth",
}
"""Which key of the configuration an option sets; `--max-path` and `--max-package` add to theirs."""


def _limits(text: tuple[str, ...], option: str) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    for one in text:
        name, equals, limit = one.rpartition("=")
        if not equals or not name:
            raise click.BadParameter(f"{option} needs NAME=SIZE, such as {option} 'opt/models/**=2GB'")
        found[name] = limit
    return found


def _budget(context: click.Context, dive_ci: Path | None) -> BudgetInputs:
    """The budget of flags over variables over the nearest configuration file, with the place of each key."""
    values: Mapping[str, Any] = context.params
    flags = {}
    for parameter in context.command.params:
        key = _KEYS.get(parameter.name or "")
        if key and context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
            flags[key] = (parameter.opts[0], values[parameter.name or ""])
    found = resolve_configuration(Path(), environ=os.environ, flags=flags)
    settings = found.configuration.budget
    origins = {
        name.removeprefix("budget."): source.where
        for name, source in found.sources.items()
        if name.startswith("budget.") and source.where
    }
    paths = _limits(values["max_path"], "--max-path")
    packages = _limits(values["max_package"], "--max-package")
    if paths:
        origins["paths"] = "--max-path"
    if packages:
        origins["packages"] = "--max-package"
    settings = msgspec.structs.replace(
        settings, paths={**settings.paths, **paths}, packages={**settings.packages, **packages}
    )
    return BudgetInputs(settings, origins, dive_ci)


@click.command()
@click.argument("image")
@PLATFORM
@click.option("--base", metavar="IMAGE", help="The base image: its layers are told apart from your own.")
@click.option(
    "--dockerfile", type=PATH, help="The Dockerfile that it was built from: layers and findings get lines."
)
@click.option(
    "--score",
    type=click.Choice(get_args(ScoreName)),
    default="tare",
    show_default=True,
    help="dive: its formula, equal to the last digit.",
)
@click.option("--files", is_flag=True, help="List every file and every layer's changes (JSON).")
@click.option(
    "--cuda/--no-cuda",
    default=None,
    help="Read which GPU architectures CUDA libraries hold code for [default: from uncompressed layers].",
)
@click.option(
    "--slim", is_flag=True, help="Plan every static level of tare slim: exactly what each would free."
)
@click.option("--max-size", metavar="SIZE", help="Budget: file bytes of all layers, such as 2GB.")
@click.option("--max-pull", metavar="SIZE", help="Budget: what a first pull moves.")
@click.option("--max-layers", type=click.IntRange(0), help="Budget: number of layers.")
@click.option("--max-waste", metavar="SIZE", help="Budget: hidden bytes and duplicates.")
@click.option("--min-efficiency", metavar="RATIO", help="Budget: the least efficiency, 0.95 or 95%.")
@click.option("--max-path", multiple=True, metavar="GLOB=SIZE", help="Budget for paths; repeat for more.")
@click.option(
    "--max-package", multiple=True, metavar="NAME=SIZE", help="Budget for a package; repeat for more."
)
@click.option("--baseline", metavar="IMAGE|FILE", help="Compare with an image or an earlier JSON report.")
@click.option(
    "--max-growth", metavar="SIZE", help="How much more than the baseline is allowed: 20MB, 5% [default: 0]."
)
@click.option("--dive-ci", type=PATH, help="Also hold dive's rules of this file, as dive does.")
@INSECURE
@NO_CACHE
@click.option("--tui", is_flag=True, help="Look around in the terminal, with dive's keys.")
@click.option("--html", type=PATH, metavar="FILE", help="Also write one offline HTML page.")
@format_option("inspect")
@QUIET
@click.pass_context
def command(
    context: click.Context,
    /,
    image: str,
    platform: str | None,
    base: str | None,
    dockerfile: Path | None,
    score: ScoreName,
    files: bool,
    cuda: bool | None,
    slim: bool,
    dive_ci: Path | None,
    insecure: bool,
    no_cache: bool,
    tui: bool,
    html: Path | None,
    format_: str,
    quiet: bool,
    **limits: object,
) -> None:
    """Show where the bytes of IMAGE are: layers, waste and its cause, packages, what each fix would free.

    Exit code 1 when the image is over its budget.
    """
    show = terminal_view(image) if tui else None
    budget = _budget(context, dive_ci)
    every = files or tui or html is not None
    with progress(quiet) as on_event:
        report = api.inspect(
            image,
            platform=platform,
            access=image_access(insecure),
            cache=layer_cache(no_cache),
            base=base,
            dockerfile=dockerfile,
            score=score,
            budget=budget,
            files=every,
            changes=files or tui,
            cuda=False if tui and cuda is None else cuda,  # the screen shows nothing of it
            slim=slim,
            show=show,
            on_event=on_event,
        )
    if html is not None:
        write_page(html, report)
    if not tui:
        print_report(report if files else replace(report, files=(), changes=()), format_)
    if not report.within_budget:
        for check in report.budget:
            if check.passed is not True:
                click.echo(f"over budget: {check.reason} [{check.origin}]", err=True)
        sys.exit(1)
