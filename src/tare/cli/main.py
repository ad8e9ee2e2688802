"""`tare`: commands, options, exit codes. stdout is data, stderr is everything else."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tare import __version__, api
from tare.cli.progress import progress
from tare.core.errors import TareError
from tare.core.events import EventSink
from tare.optimize import Options
from tare.report import FORMATS
from tare.rewrite.facts import CPU_TORCH_INDEX, RewriteSettings
from tare.schema.report import CostInputs, Report

PATH = click.Path(path_type=Path)
FORMAT = click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), default="text", help="How the report is printed."
)
QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
BUILDER = click.option(
    "--builder",
    default="auto",
    show_default=True,
    help="auto, docker, buildah, podman; none plans without building.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="tare")
def tare() -> None:
    """Small, fast-to-rebuild, safe container images for ML projects, proved to still work."""


@tare.command()
@click.argument("path", type=PATH, default=Path())
@click.option("--file", "-f", "dockerfile", type=PATH, help="The Dockerfile, when it is not PATH/Dockerfile.")
@click.option("--write", is_flag=True, help="Put the verified files in place.")
@click.option("--output", type=PATH, help="Directory for the proposed files (default: a new temporary one).")
@BUILDER
@FORMAT
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
def optimize(
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
        build_args=dict(_pair(text, "--build-arg") for text in build_args),
        secrets=dict(_secret(text) for text in secrets),
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
    with _progress(quiet) as on_event:
        report = api.optimize(
            path,
            dockerfile=dockerfile,
            builder=builder,
            options=options,
            settings=settings,
            on_event=on_event,
        )
    _print(report, format_)


@tare.command()
@click.argument("path", type=PATH, default=Path())
@click.option("--file", "-f", "dockerfile", type=PATH, help="The Dockerfile, when it is not PATH/Dockerfile.")
@FORMAT
def context(path: Path, dockerfile: Path | None, format_: str) -> None:
    """List what a build would send, largest first, and propose a .dockerignore."""
    _print(api.context(path, dockerfile=dockerfile), format_)


@tare.command()
@click.argument("after")
@click.argument("before", required=False)
@BUILDER
@FORMAT
@QUIET
def verify(after: str, before: str | None, builder: str, format_: str, quiet: bool) -> None:
    """Ask image AFTER whether it runs, and with BEFORE whether it answers as that does. Exit code 3 when not."""
    configuration = api.load_configuration(Path())
    with _progress(quiet) as on_event:
        report = api.verify(
            after,
            before,
            builder=builder,
            settings=configuration.verify,
            environ=os.environ,
            on_event=on_event,
        )
    _print(report, format_)
    if not report.verification.ok:
        sys.exit(3)


def main() -> None:
    """Entry point. Every expected error is one message with its place and a hint; exit codes as in the guide."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        tare.main(standalone_mode=False)
    except click.exceptions.Abort:
        _interrupted()
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except KeyboardInterrupt:
        _interrupted()
    except TareError as error:
        if error.detail:
            click.echo(error.detail, err=True)
        click.echo(f"error: {error}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(2)


def _terminate(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _interrupted() -> None:
    click.echo("interrupted; nothing was written", err=True)
    sys.exit(130)


@contextmanager
def _progress(quiet: bool) -> Iterator[EventSink]:
    with progress(quiet) as sink:
        yield sink


def _print(report: Report, format_: str) -> None:
    click.echo(FORMATS[format_](report), nl=False)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        value = os.environ.get(name, "")
    if not name:
        raise click.BadParameter(f"{option} needs NAME=VALUE")
    return name, value


def _secret(text: str) -> tuple[str, str]:
    fields = dict(_pair(part, "--secret") for part in text.split(","))
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


if __name__ == "__main__":
    main()
