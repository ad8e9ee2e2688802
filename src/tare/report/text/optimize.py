"""`tare optimize` for a terminal."""

from rich import box
from rich.table import Table
from rich.text import Text

from tare.report.text.console import new_console, print_verification, printed
from tare.report.units import change, quantity, safe
from tare.schema.finding import Saving
from tare.schema.optimize import OptimizeReport, PlanItem

ORDER = {"applied": 0, "dropped": 1, "refused": 2, "not-needed": 3}
SIGNS = {"applied": "✔", "dropped": "✘", "refused": "–", "not-needed": "·"}


def render(report: OptimizeReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    for change_ in (report.dockerfile, report.dockerignore):
        if change_.diff:
            console.print(Text(safe(change_.diff.rstrip("\n"))), soft_wrap=True)
            console.print()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    table.add_column("", justify="right")
    for row in report.comparison:
        before, after = quantity(row.before, row.unit), quantity(row.after, row.unit)
        if before == after == "unknown":
            continue
        table.add_row(row.name, safe(before), safe(after), change(row))
    console.print(table)
    notes = [f"{row.name}: {row.note}" for row in report.comparison if row.note]
    if any(
        row.unit == "usd" and not isinstance(row.after, str) and row.after.value is not None
        for row in report.comparison
    ):
        console.print("\n".join(notes), style=None)
        console.print()
    console.print("Optimizations")
    for item in sorted_plan(report.plan):
        if item.status == "not-needed":
            continue
        saved = saving_text(item.saving)
        mark = f" [{item.applicability}]" if item.applicability else ""
        console.print(
            f"  {SIGNS[item.status]} {item.title} ({item.transform}, {item.status}{mark})", soft_wrap=True
        )
        console.print(
            Text(f"      {safe(item.reason)}" + (f"; saves {saved}" if saved else "")), soft_wrap=True
        )
    rest = [item.title for item in report.plan if item.status == "not-needed"]
    if rest:
        console.print(f"  · nothing to do: {'; '.join(rest)}", soft_wrap=True)
    if report.verification is not None:
        console.print()
        print_verification(console, report.verification)
    for note in report.notes:
        console.print(f"note: {safe(note)}", soft_wrap=True)
    console.print()
    console.print(_conclusion(report), soft_wrap=True)
    return printed(console)


def sorted_plan(plan: tuple[PlanItem, ...]) -> list[PlanItem]:
    """Applied first, then by the bytes that each saves, most first."""
    return sorted(plan, key=lambda item: (ORDER[item.status], -_bytes(item.saving)))


def saving_text(saving: Saving | None) -> str:
    """`≈ 4.90 GB (3.50 GB to 5.20 GB)` on disk; '' where nothing is known."""
    if saving is None or saving.uncompressed_bytes.value is None:
        return ""
    return quantity(saving.uncompressed_bytes, "bytes")


def _bytes(saving: Saving | None) -> float:
    return (saving.uncompressed_bytes.value or 0.0) if saving else 0.0


def _conclusion(report: OptimizeReport) -> str:
    if report.written:
        return f"Wrote {' and '.join(safe(path) for path in report.written)}."
    if report.outcome == "unchanged":
        return "Nothing to improve: the files stay as they are."
    if report.outcome == "planned":
        return f"Planned, not built. The files are in {report.work_directory}; nothing in the project was changed."
    return f"Built and verified. The files are in {report.work_directory}; `--write` puts them in place."
