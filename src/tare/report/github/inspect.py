"""`tare inspect` as GitHub annotations.

Format: docs.github.com, "Workflow commands for GitHub Actions": `%`, line feeds, and in properties also `:` and `,` are
escaped.
"""

from tare.report.units import safe
from tare.schema.inspect import InspectReport

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: InspectReport) -> str:
    """One command a finding; a file only where the Dockerfile is known."""
    lines = []
    for one in report.findings:
        place = ""
        if report.dockerfile is not None:
            place = f"file={_property(one.path)},line={one.line},col={one.column},"
        lines.append(
            f"::{_LEVELS[one.severity]} {place}title={_property(f'{one.code} {one.name}')}::{_data(one.message)}"
        )
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
