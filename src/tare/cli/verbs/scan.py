"""`tare scan`."""

import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from tare import api
from tare.api._database import default_database
from tare.api.scan_baseline import baseline_of
from tare.cli.options import PATH, QUIET, format_option, print_report
from tare.cli.progress import progress
from tare.core.io import write_all
from tare.schema.scan import ScanReport

LEVELS = ("critical", "high", "medium", "low", "none", "unknown", "never")
BASELINE_DAYS = 90


@click.command()
@click.argument("image")
@click.option(
    "--only",
    "checks",
    multiple=True,
    type=click.Choice(["vulnerabilities", "secrets", "hardening"]),
    help="Make this check; repeat for more.  [default: all]",
)
@click.option("--db", "database", type=PATH, help="The advisory database.  [default: the user's]")
@click.option("--max-db-age", "max_age", type=float, metavar="DAYS", help="An older database is an error.")
@click.option(
    "--policy",
    "policies",
    type=PATH,
    multiple=True,
    help="What to live with: [[ignore]] entries with an end and a reason; repeat for more.",
)
@click.option(
    "--write-baseline",
    "baseline",
    type=PATH,
    help="Write a policy that covers everything that was found, to begin with.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help=f"The last day of a written baseline.  [default: in {BASELINE_DAYS} days]",
)
@click.option("--owner", default="", help="Who answers for a written baseline.")
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
    help="Packages that the database cannot speak of, and what could not be read, are no reason for exit code 1 or 2.",
)
@click.option(
    "--vex", type=PATH, multiple=True, help="An OpenVEX, CycloneDX or CSAF document; repeat for more."
)
@click.option(
    "--fail-on-exploited",
    "exploited",
    is_flag=True,
    help="A vulnerability that KEV lists fails, however severe it is.",
)
@click.option(
    "--fail-on-epss",
    "epss",
    type=click.FloatRange(0, 1),
    help="So does one that EPSS gives at least this probability.",
)
@click.option(
    "--fixable-only", is_flag=True, help="Vulnerabilities without a fix are no reason for exit code 1."
)
@click.option(
    "--plan",
    is_flag=True,
    help="Say which changes remove what, checked with the package index unless --offline.",
)
@click.option(
    "--fix",
    type=PATH,
    metavar="DIRECTORY",
    help="Plan, and write pins and upgrades into this project's files.",
)
@click.option(
    "--offline", is_flag=True, help="Open no socket: images from files, layouts and containers-storage only."
)
@click.option("--platform", help="Which image of an index: linux/arm64.")
@format_option("scan")
@QUIET
def command(
    image: str,
    checks: tuple[str, ...],
    database: Path | None,
    max_age: float | None,
    policies: tuple[Path, ...],
    baseline: Path | None,
    until: datetime | None,
    owner: str,
    fail_on: str,
    allow_unassessed: bool,
    vex: tuple[Path, ...],
    exploited: bool,
    epss: float | None,
    fixable_only: bool,
    plan: bool,
    fix: Path | None,
    offline: bool,
    platform: str | None,
    format_: str,
    quiet: bool,
) -> None:
    """Find known vulnerabilities of IMAGE's packages, with the layer that brought each, secrets in its configuration and in
    every layer, hidden files included, and settings that help an intruder. Of a project's directory or a Dockerfile: secrets.
    Needs no network."""
    with progress(quiet) as on_event:
        report = api.scan(
            image,
            database=database or default_database(os.environ),
            checks=checks,
            max_age_days=max_age,
            policies=policies,
            vex=vex,
            platform=platform,
            offline=offline,
            plan=plan,
            fix=fix,
            environ=os.environ,
            on_event=on_event,
        )
    print_report(report, format_)
    if baseline is not None:
        last = until.date() if until is not None else _today() + timedelta(days=BASELINE_DAYS)
        write_all({baseline: baseline_of(report, last, owner)})
        return
    code = exit_code(
        report,
        fail_on,
        allow_unassessed=allow_unassessed,
        exploited=exploited,
        epss=epss,
        fixable_only=fixable_only,
    )
    if code:
        sys.exit(code)


def _today() -> date:
    return datetime.now(UTC).date()


def exit_code(
    report: ScanReport,
    fail_on: str,
    *,
    allow_unassessed: bool = False,
    exploited: bool = False,
    epss: float | None = None,
    fixable_only: bool = False,
) -> int:
    """1 when anything that counts is as severe as `fail_on`; what could not be told counts as severe, and so do packages that
    were not looked up and files that were not read, unless they are allowed; an entry of the policy that has ended fails, too.
    2 when a package database of the image is broken: what it holds is not known."""
    if not allow_unassessed and any(one.packages == 0 for one in report.unassessed):
        return 2
    if fail_on == "never":
        return 0
    unread = report.secrets_read is not None and bool(report.secrets_read.unread)
    if (report.unassessed or unread) and not allow_unassessed:
        return 1
    counted = [
        one for one in report.vulnerabilities if not one.ignored and (one.fixed_in or not fixable_only)
    ]
    if exploited and any(one.exploited for one in counted):
        return 1
    if epss is not None and any(one.epss is not None and one.epss >= epss for one in counted):
        return 1
    severities = ["unknown" if one.verdict == "unknown" else one.severity for one in counted]
    severities += [one.severity for one in report.secrets if not one.ignored]
    severities += [one.severity for one in report.hardening if not one.ignored]
    worst = LEVELS.index(fail_on)
    if any(severity == "unknown" or LEVELS.index(severity) <= worst for severity in severities):
        return 1
    return int(any("ended on" in warning for warning in report.warnings))
