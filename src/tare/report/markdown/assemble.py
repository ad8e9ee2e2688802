"""`tare assemble` as Markdown."""

from tare.report.markdown.parts import cell, code, joined
from tare.report.units import quantity, size
from tare.schema.assemble import AssembleReport


def render(report: AssembleReport) -> str:
    """The report as Markdown."""
    lines = [f"## tare assemble {code(report.destination)}", "", code(report.digest), ""]
    lines += ["| layer | unpacked | stored |", "|---|---:|---:|"]
    lines += [
        f"| {cell(layer.content)} | {size(layer.size_bytes)} "
        f"| {'' if layer.compressed_bytes is None else size(layer.compressed_bytes)} |"
        for layer in report.layers
    ]
    lines += ["", f"{size(report.size_bytes)} in all, {quantity(report.compressed_bytes, 'bytes')} to pull."]
    return joined([*lines, *(f"- left out: {cell(step)}" for step in report.left_out)])
