"""`tare lint` as GitHub annotations (docs.github.com, "Workflow commands for GitHub Actions")."""

from tare.report.units import safe
from tare.schema.lint import LintReport

_LEVELS = {"error": "error", "warning": "warning", "info": "notice", "style": "notice"}


def render(report: LintReport) -> str:
    """One command a finding, and one for each file that could not be checked."""
    lines = []
    for one in report.findings:
        end = f"endLine={one.range.end_line},"
        if one.range.end_line == one.range.line:
            end += f"endColumn={one.range.end_column},"
        place = f"file={_property(one.path)},line={one.range.line},col={one.range.column},{end}"
        title = _property(f"{one.code} {one.name}")
        lines.append(f"::{_LEVELS[one.severity]} {place}title={title}::{_data(one.message)}")
    for error in report.errors:
        line = f",line={error.line}" if error.line else ""
        lines.append(f"::error file={_property(error.path)}{line},title=not checked::{_data(error.message)}")
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
