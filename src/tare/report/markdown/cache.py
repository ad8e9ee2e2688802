"""`tare cache` as Markdown."""

from tare.report.markdown.cache_history import advice_lines, history_lines
from tare.report.markdown.parts import cell, code, joined
from tare.report.text.cache import MARKS
from tare.report.units import quantity
from tare.schema.cache import CacheReport


def render(report: CacheReport) -> str:
    """The report as Markdown."""
    lines = [f"## tare cache {code(report.path)}", "", cell("; ".join(report.changes)), ""]
    if report.history is not None:
        return joined([*lines, *history_lines(report.history), *advice_lines(report.advice)])
    lines += ["| | line | step | seconds | why |", "|---|---:|---|---:|---|"]
    lines += [
        f"| {MARKS[step.observed or step.verdict]} | {step.line} | {code(step.instruction[:100])} "
        f"| {quantity(step.elapsed_s, 'seconds')} | {cell(step.reason)} |"
        for step in report.steps
        if step.verdict != "none"
    ]
    notes = (f"\n> {cell(note)}" for note in report.notes)
    return joined([*lines, *notes, *advice_lines(report.advice)])
