"""`tare scan`."""

import os
import sys
from pathlib import Path

import click

from tare import api
from tare.api._scan import default_database
from tare.cli.options import PATH, QUIET, format_option, print_report
from tare.cli.progress import progress
from tare.schema.scan import ScanReport

LEVELS = ("critical", "high", "medium", "low", "none", "unknown", "never")


@click.command()
@click.argument("image")
@click.option("--db", "database", type=PATH, help="The advisory database.  [default: the user's]")
@click.option("--max-db-age", "max_age", type=float, metavar="DAYS", help="An older database is an error.")
@click.option("--policy", type=PATH, help="What to live with: [[ignore]] entries with an end and a reason.")
@click.option(
    "--fail-on",
    type=click.Choice(LEVELS),
    default="high",
    show_default=True,
    help="The least severity that gives exit code 1. What is not known counts as this severe.",
)
@click.option(
    "--allow-unassessed",
    is_flag=True,
    help="Packages that the database cannot speak of are no reason for exit code 1.",
)
@click.option("--platform", help="Which image of an index: linux/arm64.")
@format_option("scan")
@QUIET
def command(
    image: str,
    database: Path | None,
    max_age: float | None,
    policy: Path | None,
    fail_on: str,
    allow_unassessed: bool,
    platform: str | None,
    format_: str,
    quiet: bool,
) -> None:
    """Find known vulnerabilities of IMAGE's packages, with the layer that brought each. Needs no network."""
    with progress(quiet) as on_event:
        report = api.scan(
            image,
            database=database or default_database(os.environ),
            max_age_days=max_age,
            policy=policy,
            platform=platform,
            environ=os.environ,
            on_event=on_event,
        )
    print_report(report, format_)
    if fails(report, fail_on, allow_unassessed=allow_unassessed):
        sys.exit(1)


def fails(report: ScanReport, fail_on: str, *, allow_unassessed: bool = False) -> bool:
    """Whether anything that counts is as severe as `fail_on`. What could not be told counts as severe, and so do packages
    that were not looked up, unless they are allowed; an entry of the policy that has ended fails, too."""
    if fail_on == "never":
        return False
    if report.unassessed and not allow_unassessed:
        return True
    worst = LEVELS.index(fail_on)
    for found in report.vulnerabilities:
        if found.ignored:
            continue
        if found.severity == "unknown" or found.verdict == "unknown" or LEVELS.index(found.severity) <= worst:
            return True
    return any("ended on" in warning for warning in report.warnings)
