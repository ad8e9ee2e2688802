"""Plain text for a terminal, 100 columns at most where names allow; colour is added by whoever prints it."""

from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tare.report.units import change, quantity, safe, size
from tare.schema.finding import Saving
from tare.schema.report import ContextReport, OptimizeReport, PlanItem, Report, VerifyReport
from tare.schema.run import Verification

WIDTH = 100
ORDER = {"applied": 0, "dropped": 1, "refused": 2, "not-needed": 3}
SIGNS = {"applied": "✔", "dropped": "✘", "refused": "–", "not-needed": "·"}
SHOWN_ITEMS = 25


def render(report: Report) -> str:
    """The report as text, ending in a line feed."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, force_terminal=False, highlight=False, markup=False, emoji=False)
    match report:
        case OptimizeReport():
            _optimize(console, report)
        case ContextReport():
            _context(console, report)
        case VerifyReport():
            against = f" against {safe(report.before)}" if report.before else ""
            console.print(f"verify {safe(report.after)}{against} ({report.engine})")
            _verification(console, report.verification)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


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


def _optimize(console: Console, report: OptimizeReport) -> None:
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
        _verification(console, report.verification)
    for note in report.notes:
        console.print(f"note: {safe(note)}", soft_wrap=True)
    console.print()
    console.print(_conclusion(report), soft_wrap=True)


def _conclusion(report: OptimizeReport) -> str:
    if report.written:
        return f"Wrote {' and '.join(safe(path) for path in report.written)}."
    if report.outcome == "unchanged":
        return "Nothing to improve: the files stay as they are."
    if report.outcome == "planned":
        return f"Planned, not built. The files are in {report.work_directory}; nothing in the project was changed."
    return f"Built and verified. The files are in {report.work_directory}; `--write` puts them in place."


def _verification(console: Console, verification: Verification) -> None:
    console.print("Verified, compared with the image before" if verification.compared else "Verified")
    for check in verification.checks:
        sign = {True: "✔", False: "✘", None: "?"}[check.passed]
        detail = f": {safe(check.detail)}" if check.detail else ""
        console.print(Text(f"  {sign} {check.kind} {safe(check.name)}{detail}"), soft_wrap=True)


def _context(console: Console, report: ContextReport) -> None:
    console.print(f"{report.sent_files} files, {size(report.sent_bytes)} are sent to the builder.")
    for item in report.items[:SHOWN_ITEMS]:
        reason = f"  {safe(item.reason)}" if item.reason else ""
        console.print(
            Text(f"{size(item.size_bytes):>10}  {item.verdict:8}  {safe(item.path)}{reason}"), soft_wrap=True
        )
    if len(report.items) > SHOWN_ITEMS:
        console.print(f"… and {len(report.items) - SHOWN_ITEMS} more (--format json has them all)")
    for problem in report.problems:
        console.print(f"problem: {safe(problem)}", soft_wrap=True)
    if report.dockerignore.diff:
        console.print()
        console.print(Text(safe(report.dockerignore.diff.rstrip("\n"))), soft_wrap=True)
        console.print(f"\nWith this file {size(report.proposed_bytes)} are sent.")
    else:
        console.print("The ignore file leaves nothing to improve.")
