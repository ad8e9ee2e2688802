"""Options that several verbs share, and what they have in common when they end."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from tare import api
from tare.report import formats_of, render
from tare.schema.report import Report

PATH = click.Path(path_type=Path)
QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
DOCKERFILE = click.option(
    "--file", "-f", "dockerfile", type=PATH, help="The Dockerfile, when it is not PATH/Dockerfile."
)
BUILDER = click.option(
    "--builder",
    default="auto",
    show_default=True,
    help="auto, docker, buildah, podman; none plans without building.",
)

CONFIGURED = (
    BUILDER,
    click.option("--network", help="The builder's network mode, such as host."),
    click.option("--without", multiple=True, metavar="NAME", help="Leave a transform out; repeat for more."),
    click.option(
        "--torch",
        type=click.Choice(["auto", "keep"]),
        help="auto: the CPU build where nothing asks for a GPU.",
    ),
    click.option("--torch-index", metavar="URL", help="Index of torch's CPU wheels [default: PyTorch's]."),
    click.option(
        "--debian-mirror", metavar="URL", help="Where package sizes come from when nothing is built."
    ),
    click.option("--deployments", type=int, help="Deployments a day, for the comparison."),
    click.option("--builds", type=int, help="Builds a day over the team, for the comparison."),
    click.option("--images-kept", type=int, help="Versions kept in the registry, for the comparison."),
    click.option("--storage-usd", type=float, help="US dollars a GB and month of registry storage."),
    click.option(
        "--mbps",
        type=float,
        multiple=True,
        help="Bandwidth of a pull in Mbit/s; repeat for more [default: 100, 1000].",
    ),
)
KEYS = {
    "builder": "builder",
    "network": "network",
    "without": "without",
    "torch": "torch",
    "torch_index": "torch_index",
    "debian_mirror": "estimates.debian_mirror",
    "deployments": "costs.deployments_per_day",
    "builds": "costs.builds_per_day",
    "images_kept": "costs.images_kept",
    "storage_usd": "costs.storage_usd_per_gb_month",
    "mbps": "costs.pull_mbps",
}
"""Which key of the configuration an option sets."""


def configured(command: Any) -> Any:
    """The options that set a key of the configuration, each only where a flag was given."""
    for option in reversed(CONFIGURED):
        command = option(command)
    return command


def flags_given(context: click.Context) -> dict[str, tuple[str, Any]]:
    """Key → (flag, value) for those that stand on the command line."""
    given = {}
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in KEYS and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            given[KEYS[name]] = (parameter.opts[0], context.params[name])
    return given


def configuration(context: click.Context, start: Path) -> api.Configuration:
    """The effective configuration for a directory: flags, variables, file, defaults."""
    directory = start if start.is_dir() else Path()
    return api.load_configuration(directory, environ=os.environ, flags=flags_given(context))


def format_option(verb: str) -> Callable[[Any], Any]:
    """`--format` with the formats that a verb has."""
    formats = formats_of(verb)
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the report is printed.",
    )


def print_report(report: Report, format_: str) -> None:
    """The report on stdout."""
    click.echo(render(report, format_), nl=False)


def pair(text: str, option: str) -> tuple[str, str]:
    """`NAME=VALUE`; the value comes from the environment where it is left out. Raises `click.BadParameter`."""
    name, equals, value = text.partition("=")
    if not equals:
        value = os.environ.get(name, "")
    if not name:
        raise click.BadParameter(f"{option} needs NAME=VALUE")
    return name, value


def secret(text: str) -> tuple[str, str]:
    """`id=NAME,src=FILE` or `id=NAME,env=VARIABLE` as (name, value). Raises `click.BadParameter`."""
    fields = dict(pair(part, "--secret") for part in text.split(","))
    name = fields.get("id", "")
    if "env" in fields or "src" not in fields:
        variable = fields.get("env", name)
        if variable not in os.environ:
            raise click.BadParameter(f"--secret {name}: the variable {variable} is not set")
        return name, os.environ[variable]
    try:
        return name, Path(fields["src"]).read_text()
    except OSError as error:
        raise click.BadParameter(f"--secret {name}: {fields['src']}: {error.strerror}") from error
