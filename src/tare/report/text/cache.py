"""`tare cache` for a terminal: the Dockerfile with a mark at each step."""

from rich.text import Text

from tare.report.text.cache_history import show_advice, show_history
from tare.report.text.console import new_console, printed
from tare.report.units import duration, quantity, safe
from tare.schema.cache import CachedStep, CacheReport

MARKS = {"hit": "✔", "miss": "↻", "depends": "~", "none": " "}


def render(report: CacheReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    if report.history is not None:
        show_history(console, report, report.history)
        show_advice(console, report.advice)
        return printed(console)
    console.print(f"After this change: {safe('; '.join(report.changes))} ({report.rules})")
    console.print()
    starts = {step.line: step for step in report.steps}
    inside = {line for step in report.steps for line in range(step.line + 1, step.end_line + 1)}
    for number, line in enumerate(report.dockerfile.splitlines(), 1):
        step = starts.get(number)
        mark = MARKS[step.observed or step.verdict] if step else " "
        seconds = _seconds(step) if step else ""
        shade = "" if step or number in inside or not line.strip() else " "
        console.print(Text(f"{mark} {seconds:>8} {shade}{safe(line)}"), soft_wrap=True, overflow="ignore")
    console.print()
    for step in report.steps:
        if step.reason and step.verdict != "hit":
            console.print(Text(f"  line {step.line}: {step.reason}"), soft_wrap=True)
        if step.observed and step.verdict not in ("depends", "none", step.observed):
            console.print(
                Text(f"  line {step.line}: expected a {step.verdict}, and the engine had a {step.observed}")
            )
    again = sum((step.observed or step.verdict) == "miss" for step in report.steps)
    layers = sum(step.verdict != "none" for step in report.steps)
    time = "" if report.rerun_s.value is None else f", {quantity(report.rerun_s, 'seconds')}"
    console.print(
        f"{again} of {layers} steps run again{time}. ✔ from the cache, ↻ again, ~ only if its input differs"
    )
    for note in report.notes:
        console.print(f"note: {safe(note)}", soft_wrap=True)
    show_advice(console, report.advice)
    return printed(console)


def _seconds(step: CachedStep) -> str:
    return "" if step.elapsed_s.value is None else duration(step.elapsed_s.value)
