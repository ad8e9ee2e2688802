"""`tare rule`."""

import click

from tare import api
from tare.cli.options import format_option, print_report
from tare.core.errors import UsageError


@click.command()
@click.argument("codes", nargs=-1, metavar="CODE...")
@click.option("--all", "all_", is_flag=True, help="All rules.")
@format_option("rule")
def command(codes: tuple[str, ...], all_: bool, format_: str) -> None:
    """Show the page of a rule of lint or inspect: what it is for, an example, its fix, and the same check in other tools."""
    if not codes and not all_:
        raise UsageError("no rule is named", hint="tare rule CODE, or tare rule --all")
    print_report(api.rule(() if all_ else codes), format_)
