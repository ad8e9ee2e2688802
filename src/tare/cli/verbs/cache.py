"""`tare cache`."""

import os
from pathlib import Path
from typing import get_args

import click

from tare import api
from tare.api._cache import Change, History, Kind
from tare.build.cachekeys import Rules
from tare.build.detect import detect
from tare.cli.options import DOCKERFILE, PATH, QUIET, format_option, pair, print_report
from tare.cli.progress import progress
from tare.core.errors import UsageError

RULES_OF: dict[str, Rules] = {
    "docker": "buildkit",
    "docker-classic": "classic",
    "buildah": "buildah",
    "podman": "buildah",
}


@click.command()
@click.argument("path", type=PATH, default=Path())
@DOCKERFILE
@click.option(
    "--change", "files", multiple=True, metavar="FILE", help="A file that changes; repeat for more."
)
@click.option("--since", metavar="REV", help="Everything that changed since a Git revision.")
@click.option(
    "--what",
    "kinds",
    multiple=True,
    type=click.Choice(get_args(Kind)),
    help="A usual change; source when nothing else is given.",
)
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A build argument that changes.")
@click.option("--build-arg", "build_args", multiple=True, metavar="NAME=VALUE", help="As for docker build.")
@click.option(
    "--rules",
    type=click.Choice(get_args(Rules)),
    default="buildkit",
    show_default=True,
    help="Whose cache: Docker's BuildKit, Buildah's and Podman's, or Docker's classic builder's.",
)
@click.option(
    "--history", is_flag=True, help="What the commits of the project run again, and what would cost less."
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=26,
    show_default=True,
    help="How far --history looks back.",
)
@click.option(
    "--commits",
    type=click.IntRange(1, 200),
    default=5,
    show_default=True,
    help="How many commits --history --measure builds.",
)
@click.option("--ci", is_flag=True, help="Also how CI keeps the cache: the flags for this file and builder.")
@click.option("--measure", is_flag=True, help="Build before and after the change with an engine.")
@click.option("--builder", default="auto", show_default=True, help="The engine for --measure.")
@click.option("--network", help="The builder's network mode, such as host.")
@format_option("cache")
@QUIET
def command(
    path: Path,
    dockerfile: Path | None,
    files: tuple[str, ...],
    since: str | None,
    kinds: tuple[Kind, ...],
    values: tuple[str, ...],
    build_args: tuple[str, ...],
    rules: Rules,
    history: bool,
    weeks: int,
    commits: int,
    ci: bool,
    measure: bool,
    builder: str,
    network: str | None,
    format_: str,
    quiet: bool,
) -> None:
    """Show which steps a change runs again, and why; with --measure, what they take."""
    if history and (files or since or kinds or values):
        raise UsageError(
            "--history takes all changes that Git knows", hint="leave --change, --since, --what and --set out"
        )
    change = Change(files, since, kinds, dict(pair(text, "--set") for text in values))
    if not (files or since or kinds or values):
        change = Change(kinds=("source",))
    with progress(quiet) as on_event:
        engine = detect(builder, os.environ) if measure else None
        chosen = rules if engine is None else RULES_OF[engine.name]
        report = api.cache(
            path,
            change,
            dockerfile=dockerfile,
            rules=chosen,
            build_args=dict(pair(text, "--build-arg") for text in build_args),
            engine=engine,
            network=network,
            history=History(weeks, commits) if history else None,
            advice=ci,
            on_event=on_event,
        )
    print_report(report, format_)
