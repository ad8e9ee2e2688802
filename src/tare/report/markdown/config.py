"""`tare config show` as Markdown."""

from tare.report.markdown.parts import cell, code, joined
from tare.report.text.config import origin
from tare.schema.config import ConfigReport


def render(report: ConfigReport) -> str:
    """The report as Markdown."""
    lines = [
        f"## tare config {code(report.path)}",
        "",
        f"File: {code(report.file) if report.file else 'none'}",
        "",
        "| key | value | from | variable |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {code(value.key)} | {code(value.value)} | {cell(origin(value).partition(';')[0])} | {code(value.variable)} |"
        for value in report.values
    ]
    return joined(lines)
