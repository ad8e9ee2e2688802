"""`tare assemble` for a terminal."""

from rich.text import Text

from tare.report.text.console import new_console, printed
from tare.report.units import duration, quantity, safe, size
from tare.schema.assemble import AssembleReport


def render(report: AssembleReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    console.print(Text(f"{safe(report.destination)}  {report.digest}"), soft_wrap=True)
    console.print(
        Text(f"on {safe(report.base)}, Python {report.python_version}, {len(report.packages)} packages"),
        soft_wrap=True,
    )
    console.print()
    for layer in report.layers:
        stored = "" if layer.compressed_bytes is None else size(layer.compressed_bytes)
        console.print(
            Text(f"{size(layer.size_bytes):>10} {stored:>10}  {safe(layer.content)}"), soft_wrap=True
        )
    console.print()
    pull = quantity(report.compressed_bytes, "bytes")
    console.print(f"{size(report.size_bytes)} in all, {pull} to pull, with the base")
    if report.elapsed_s.value is not None:
        console.print(f"put together in {duration(report.elapsed_s.value)}")
    if report.reused_lock:
        console.print("packages as locked before with the same requirements; --fresh resolves anew")
    for step in report.left_out:
        console.print(Text(f"left out: {safe(step)}"), soft_wrap=True)
    return printed(console)
