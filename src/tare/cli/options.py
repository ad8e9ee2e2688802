"""Options that several verbs share, and what they have in common when they end."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

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
