"""`tare slim` for a terminal."""

from rich.table import Table
from rich.text import Text

from tare.report.text.console import new_console, print_verification, printed
from tare.report.units import quantity, safe, size
from tare.schema.slim import SlimReport

_SHOWN_NOTES = 12


def render(report: SlimReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    console.print(
        Text(f"slim {safe(report.source)} at level {report.level} ({', '.join(report.platforms)})"),
        soft_wrap=True,
    )
    console.print()
    table = Table(box=None, pad_edge=False, show_header=True)
    for name in ("", "before", "after"):
        table.add_column(name, justify="left" if not name else "right")
    before, after = report.before, report.after
    share = ""
    if before.size_bytes.value and after.size_bytes.value is not None:
        share = f"  (−{100 - after.size_bytes.value / before.size_bytes.value * 100:.0f} %)"
    table.add_row("size", quantity(before.size_bytes, "bytes"), quantity(after.size_bytes, "bytes") + share)
    table.add_row(
        "compressed", quantity(before.compressed_bytes, "bytes"), quantity(after.compressed_bytes, "bytes")
    )
    for name in ("layers", "files", "packages"):
        table.add_row(name, str(getattr(before, name)), str(getattr(after, name)))
    if report.start_before_s and report.start_after_s:
        times = [one.value or 0.0 for one in (report.start_before_s, report.start_after_s)]
        ratio = f"  (× {times[1] / times[0]:.2f})" if times[0] else ""
        table.add_row("imports, CPU", f"{times[0]:.2f} s", f"{times[1]:.2f} s{ratio}")
    console.print(table)
    console.print()
    steps = Table(box=None, pad_edge=False, show_header=False)
    steps.add_column()
    steps.add_column(justify="right")
    steps.add_column()
    for step in report.steps:
        if step.status == "applied":
            did = [f"{step.removed} removed"] if step.removed else []
            did += [f"{step.changed} changed"] if step.changed else []
            steps.add_row(f"✔ {step.name}", size(step.saved_bytes), f"{', '.join(did)}: {step.reason}")
        elif step.status == "dropped":
            steps.add_row(f"✘ {step.name}", "", f"left out: {safe(step.reason)}")
    console.print(steps)
    for note in report.notes[:_SHOWN_NOTES]:
        console.print(Text(f"note: {safe(note)}"), soft_wrap=True)
    if len(report.notes) > _SHOWN_NOTES:
        console.print(f"… and {len(report.notes) - _SHOWN_NOTES} more notes (--format json has them all)")
    console.print()
    if report.verification is not None:
        shown = report.verification
        console.print(f"verified: {safe(report.verified)}")
        print_verification(console, shown)
    else:
        looked = ", ".join(f"{count} {kind}" for kind, count in report.proof.items())
        console.print(Text(f"verified: {safe(report.verified)} ({looked} checked)"), soft_wrap=True)
    if report.written:
        console.print(Text(f"written: {safe(report.written)} ({report.digest})"), soft_wrap=True)
    else:
        console.print("nothing was written; add --output DEST")
    if report.restore_layer:
        console.print(
            Text(f"kept for tare restore: {safe(report.restore_layer)} ({size(report.restore_bytes or 0)})"),
            soft_wrap=True,
        )
    return printed(console)
