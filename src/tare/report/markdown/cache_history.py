"""`tare cache --history` and `--ci` as Markdown."""

from collections.abc import Sequence

from tare.report.markdown.parts import cell, code
from tare.report.units import duration, quantity
from tare.schema.cache import Advice, ChangeHistory


def history_lines(history: ChangeHistory) -> list[str]:
    """Tables of sources, steps and replayed commits, and the proposed Dockerfile."""
    lines = ["| commits | a week | line | source |", "|---:|---:|---:|---|"]
    lines += [
        f"| {one.commits} | {one.per_week:.1f} | {one.line} | {code(one.source)} |" for one in history.sources
    ]
    lines += ["", "| runs again | depends | seconds | line | step |", "|---:|---:|---:|---:|---|"]
    lines += [
        f"| {step.again} | {step.depends or ''} | {quantity(step.elapsed_s, 'seconds')} | {step.line} "
        f"| {code(step.instruction[:100])} |"
        for step in history.cost.steps
    ]
    lines += ["", f"Seconds a week: {quantity(history.cost.seconds_per_week, 'seconds')}.", ""]
    if history.proposed is not None:
        proposed = history.proposed
        lines += [f"- {code(name)}: {cell(reason)}" for name, reason in proposed.transforms]
        lines += ["", f"Seconds a week: {quantity(proposed.cost.seconds_per_week, 'seconds')}.", ""]
        lines += ["", *(f"    {line}" for line in proposed.cost.dockerfile.splitlines()), ""]
    if history.replayed:
        lines += ["| commit | before | after | as predicted |", "|---|---:|---:|---|"]
        lines += [
            f"| {code(row.commit[:10])} | {_seconds(row.before_s)} | {_seconds(row.after_s)} "
            f"| {'yes' if row.agreed else 'no'} |"
            for row in history.replayed
        ]
    return lines


def _seconds(value: float | None) -> str:
    return "" if value is None else duration(value)


def advice_lines(advice: Sequence[Advice]) -> list[str]:
    """Purposes, each with its words."""
    lines: list[str] = []
    for one in advice:
        lines += ["", f"{cell(one.purpose)}:", "", *(f"    {command}" for command in one.commands)]
    return lines
