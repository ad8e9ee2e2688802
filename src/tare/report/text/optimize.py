"""`tare optimize` for a terminal."""

import textwrap
from dataclasses import replace

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tare.report.text.console import WIDTH, new_console, print_verification, printed
from tare.report.units import change, quantity, safe
from tare.schema.finding import Saving
from tare.schema.optimize import ComparisonRow, OptimizeReport, PlanItem
from tare.schema.quantity import Quantity

ORDER = {"applied": 0, "dropped": 1, "refused": 1, "not-needed": 2}
SIGNS = {"applied": "✔", "dropped": "✘", "refused": "–", "not-needed": "·"}
INDENT = 6


def render(report: OptimizeReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    for change_ in (report.dockerfile, report.dockerignore):
        if change_.diff:
            console.print(Text(safe(change_.diff.rstrip("\n"))), soft_wrap=True)
            console.print()
    console.print(_comparison(report))
    notes = [f"{row.name}: {row.note}" for row in report.comparison if row.note and not row_unknown(row)]
    if notes:
        notes.append("≈ times and costs: as far off as the size to pull may be")
        for note in notes:
            console.print(_wrapped(note, 0), soft_wrap=True)
        console.print()
    _print_plan(console, report)
    if report.verification is not None:
        console.print()
        print_verification(console, report.verification)
    for note in report.notes:
        console.print(_wrapped(f"note: {safe(note)}", 0), soft_wrap=True)
    console.print()
    console.print(Text(_conclusion(report)), soft_wrap=True)
    return printed(console)


def _comparison(report: OptimizeReport) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    table.add_column("", justify="right")
    for row in report.comparison:
        if row_unknown(row) and not row.name.startswith("size"):
            continue
        table.add_row(row.name, _cell(row.before, row.unit), _cell(row.after, row.unit), change(row))
    return table


def _cell(side: Quantity | str, unit: str) -> str:
    """A side of a row, its range on a line of its own. What is computed from sizes has their range, said in a note."""
    if isinstance(side, str):
        return safe(side)
    text = quantity(side, unit).replace(" (", "\n(", 1).replace(" to ", "–", 1)
    return text if unit == "bytes" else text.partition("\n")[0]


def row_unknown(row: ComparisonRow) -> bool:
    """Whether a row of the comparison knows nothing of either side."""
    return quantity(row.before, row.unit) == quantity(row.after, row.unit) == "unknown"


def _print_plan(console: Console, report: OptimizeReport) -> None:
    items = sorted_plan(report.plan)
    for heading, statuses in (("Optimizations", ("applied",)), ("Not applied", ("dropped", "refused"))):
        shown = [item for item in items if item.status in statuses]
        if shown:
            console.print(heading)
        for item in shown:
            mark = f", {item.applicability}" if item.applicability else ""
            state = "" if item.status == "applied" else f", {item.status}"
            title = f"  {SIGNS[item.status]} {item.title} ({item.transform}{state}{mark})"
            console.print(_wrapped(title, 4, first=0), soft_wrap=True)
            saved = saving_phrase(item)
            if saved:
                console.print(_wrapped(saved, INDENT), soft_wrap=True)
            console.print(_wrapped(safe(item.reason), INDENT), soft_wrap=True)
    rest = saving_text(report.unattributed)
    if rest and not rest.startswith("nothing"):
        console.print(_wrapped(f"To no single optimization: {rest}.", 4, first=2), soft_wrap=True)
    idle = [item.title for item in items if item.status == "not-needed"]
    if idle:
        console.print(_wrapped(f"· nothing to do: {'; '.join(idle)}", 4, first=2), soft_wrap=True)


def _wrapped(text: str, indent: int, *, first: int | None = None) -> Text:
    """Text in lines of at most `WIDTH` columns; words and paths that are longer stay whole."""
    lead = " " * (indent if first is None else first)
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return Text("\n".join(lines))


def sorted_plan(plan: tuple[PlanItem, ...]) -> list[PlanItem]:
    """Applied first, then by the bytes that each saves, most first."""
    return sorted(plan, key=lambda item: (ORDER[item.status], -_bytes(item.saving)))


def saving_phrase(item: PlanItem) -> str:
    """`saves 786 MB on disk, …`, `would save …` for what was not applied, `adds …` where it costs; '' for nothing known."""
    saving = item.saving
    would = "" if item.status == "applied" else "would "
    if saving is not None and (saving.uncompressed_bytes.value or 0) < 0:
        cost = Saving(_negative(saving.compressed_bytes), _negative(saving.uncompressed_bytes))
        return f"{would}add{'' if would else 's'} {saving_text(cost)}"
    text = saving_text(saving)
    return f"{would}save{'' if would else 's'} {text}" if text else ""


def _negative(item: Quantity) -> Quantity:
    if item.value is None:
        return item
    low, high = item.high, item.low
    return replace(
        item, value=-item.value, low=None if low is None else -low, high=None if high is None else -high
    )


def saving_text(saving: Saving | None) -> str:
    """`786 MB on disk, ≈ 274 MB (268 MB to 280 MB) to pull`; '' where there is nothing to say."""
    if saving is None:
        return ""
    disk, pull = saving.uncompressed_bytes, saving.compressed_bytes
    if disk.value is None and pull.value is None:
        return ""
    if not disk.value and not pull.value:
        return "nothing"
    return f"{quantity(disk, 'bytes')} on disk, {quantity(pull, 'bytes')} to pull"


def _bytes(saving: Saving | None) -> float:
    return (saving.uncompressed_bytes.value or 0.0) if saving else 0.0


def _conclusion(report: OptimizeReport) -> str:
    if report.written:
        return f"Wrote {' and '.join(safe(path) for path in report.written)}."
    if report.outcome == "unchanged":
        return "Nothing to improve: the files stay as they are."
    place = safe(report.work_directory or "")
    if report.outcome == "planned":
        return f"Planned, not built; nothing in the project was changed. The files are in\n{place}"
    return f"Built and verified; `--write` puts the files in place. They are in\n{place}"
