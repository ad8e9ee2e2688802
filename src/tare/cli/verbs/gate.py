"""`tare gate`."""

import os
import sys
from importlib.resources import files
from pathlib import Path

import click

from tare import api
from tare.api._gate import LEVELS
from tare.cli.options import PATH, format_option, print_report
from tare.core.errors import NetworkError, UsageError
from tare.forge.comment import Forge, github, gitlab, post
from tare.report import render


@click.command()
@click.argument("after", nargs=-1, type=PATH, metavar="REPORT...")
@click.option(
    "--before",
    multiple=True,
    type=PATH,
    metavar="REPORT",
    help="A JSON report of the target branch; repeat for more.",
)
@click.option(
    "--fail-on-new",
    type=click.Choice(LEVELS),
    default="high",
    show_default=True,
    help="The least severity of a vulnerability that the change may not bring.",
)
@click.option(
    "--comment",
    type=click.Choice(["github", "gitlab"]),
    help="Also write one comment on the request, or update it.",
)
@click.option("--key", default="tare", show_default=True, help="Tells several comments on one request apart.")
@click.option(
    "--summary",
    type=PATH,
    metavar="FILE",
    help="Also append the Markdown to a file, such as $GITHUB_STEP_SUMMARY.",
)
@click.option(
    "--script",
    is_flag=True,
    help="Print the script that makes the reports of both sides in CI, and do nothing.",
)
@format_option("gate")
def command(
    after: tuple[Path, ...],
    before: tuple[Path, ...],
    fail_on_new: str,
    comment: str | None,
    key: str,
    summary: Path | None,
    script: bool,
    format_: str,
) -> None:
    """Compare a change with its target branch, from the JSON reports of tare inspect, scan, cache and lint; stop it where a
    budget is exceeded or new vulnerabilities come with it.

    Exit code 1 when it does not pass. Tokens: GITHUB_TOKEN, GITLAB_TOKEN.
    """
    if script:
        click.echo(files("tare.forge").joinpath("assets", "gate.sh").read_text("utf-8"), nl=False)
        return
    if not after:
        raise click.UsageError("name at least one REPORT: tare inspect IMAGE --format json > inspect.json")
    report = api.gate(after, before, fail_on_new=fail_on_new)
    body = render(report, "markdown")
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(body)
    print_report(report, format_)
    if comment is not None:
        try:
            click.echo(f"comment {post(_forge(comment), body, key=key)}", err=True)
        except NetworkError as error:
            click.echo(f"error: {error}", err=True)
            if error.hint:
                click.echo(f"hint: {error.hint}", err=True)
            sys.exit(1 if not report.passes else 2)
    if not report.passes:
        sys.exit(1)


def _forge(name: str) -> Forge:
    if name == "gitlab":
        return gitlab(os.environ, os.environ.get("GITLAB_TOKEN", ""))
    event = os.environ.get("GITHUB_EVENT_PATH", "")
    try:
        raw = Path(event).read_bytes() if event else b""
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=event) from error
    return github(os.environ, raw, os.environ.get("GITHUB_TOKEN", ""))
