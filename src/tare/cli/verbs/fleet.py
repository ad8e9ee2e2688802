"""`tare fleet`."""

import os
import sys
from pathlib import Path

import click

from tare import api
from tare.api._fleet import FleetOptions
from tare.api.configuration import resolve_configuration
from tare.cli.image_options import INSECURE, PLATFORM, image_access
from tare.cli.options import PATH, QUIET, format_option, print_report
from tare.cli.progress import progress
from tare.cli.views import write_page
from tare.core.io import write_all
from tare.report.csv.fleet import tables
from tare.schema.fleet import FleetCostInputs


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--store",
    type=PATH,
    default=Path("tare-fleet"),
    show_default=True,
    help="Directory that keeps results between runs; a run that broke off goes on from it.",
)
@click.option(
    "--repository",
    "repositories",
    multiple=True,
    metavar="GLOB",
    help="Of a catalogue: these repositories only.",
)
@click.option("--tag", "tags", multiple=True, metavar="GLOB", help="Of a catalogue: these tags only.")
@click.option(
    "--newest", type=click.IntRange(0), default=0, help="Of a catalogue: the last N tags of each repository."
)
@PLATFORM
@click.option(
    "--workers", "-j", type=click.IntRange(0), default=0, help="Local processes.  [default: one a processor]"
)
@click.option("--scheduler", metavar="ADDRESS", help="Work on a Dask cluster instead (extra `fleet`).")
@click.option(
    "--per-registry",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="Layers read at once from one registry.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=0.0,
    help="Requests a second to one registry.  [default: no limit]",
)
@click.option("--db", "database", type=PATH, help="Advisory database: adds CVEs by spread.")
@click.option(
    "--fresh", is_flag=True, help="Begin anew where the last run broke off; layers that were read are kept."
)
@click.option(
    "--pulls-per-day",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Full pulls, for the costs.",
)
@click.option(
    "--transfer-usd", type=click.FloatRange(0), default=0.09, show_default=True, help="US dollars a GB moved."
)
@click.option(
    "--storage-usd",
    type=click.FloatRange(0),
    help="US dollars a GB and month.  [default: `costs` of the configuration]",
)
@click.option("--html", type=PATH, metavar="FILE", help="Also write one offline HTML page.")
@click.option("--csv", "csv_folder", type=PATH, metavar="DIR", help="Also write every table as a CSV file.")
@INSECURE
@format_option("fleet")
@QUIET
def command(
    sources: tuple[str, ...],
    store: Path,
    repositories: tuple[str, ...],
    tags: tuple[str, ...],
    newest: int,
    platform: str | None,
    workers: int,
    scheduler: str | None,
    per_registry: int,
    rate: float,
    database: Path | None,
    fresh: bool,
    pulls_per_day: int,
    transfer_usd: float,
    storage_usd: float | None,
    html: Path | None,
    csv_folder: Path | None,
    insecure: bool,
    format_: str,
    quiet: bool,
) -> None:
    """Many images as one: shared layers, waste, packages, CVEs, and what one change saves everywhere.

    SOURCE is catalog:HOST[:PORT][/PREFIX], a Kubernetes or Compose manifest, a file with a reference a line, a directory of
    archives and OCI layouts, or a reference. Each distinct layer is read once. Exit code 2 when anything is missing: a part of a
    fleet is never reported as the whole.
    """
    configured = resolve_configuration(Path(), environ=os.environ).configuration.costs
    costs = FleetCostInputs(
        configured.storage_usd_per_gb_month if storage_usd is None else storage_usd,
        transfer_usd,
        pulls_per_day,
        30,
        configured.pull_mbps,
    )
    options = FleetOptions(
        platform or "", repositories, tags, newest, workers, per_registry, rate, scheduler, fresh, costs=costs
    )
    with progress(quiet) as on_event:
        report = api.fleet(
            sources,
            store,
            access=image_access(insecure),
            options=options,
            database=database,
            on_event=on_event,
        )
    if html is not None:
        write_page(html, report)
    if csv_folder is not None:
        csv_folder.mkdir(parents=True, exist_ok=True)
        write_all({csv_folder / f"{name}.csv": text for name, text in tables(report).items()})
    print_report(report, format_)
    if not report.complete:
        click.echo(
            f"error: the fleet is not complete: {len(report.missing)} missing, named in the report", err=True
        )
        sys.exit(2)
