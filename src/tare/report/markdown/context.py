"""`tare context` as Markdown."""

from tare.report.markdown.parts import cell, code, diff_block, joined
from tare.report.units import size
from tare.schema.context import ContextReport


def render(report: ContextReport) -> str:
    """The report as Markdown."""
    lines = [
        f"## tare context {code(report.path)}",
        "",
        f"{report.sent_files} files, {size(report.sent_bytes)} are sent; with the proposed file {size(report.proposed_bytes)}.",
        "",
        "| size | verdict | path | why |",
        "|---:|---|---|---|",
    ]
    lines += [
        f"| {size(item.size_bytes)} | {item.verdict} | {code(item.path)} | {cell(item.reason)} |"
        for item in report.items[:100]
    ]
    return joined([*lines, *diff_block(report.dockerignore)])
