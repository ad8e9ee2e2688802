"""`tare badge`."""

from pathlib import Path

import click

from tare import api
from tare.api._badge import METRICS, Metric
from tare.cli.options import PATH
from tare.core.io import write_all


@click.command()
@click.argument("metric", type=click.Choice(METRICS))
@click.argument("report", type=PATH)
@click.option("--label", default="", help="The left side.  [default: the metric's name]")
@click.option("--output", "-o", type=PATH, metavar="FILE", help="Write it to a file instead of stdout.")
def command(metric: Metric, report: Path, label: str, output: Path | None) -> None:
    """An SVG badge from a figure of a JSON REPORT: of tare inspect, scan (cves), lint or fleet."""
    text = api.badge(report, metric, label)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_all({output: text})
