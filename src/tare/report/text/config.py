"""`tare config show` for a terminal."""

from rich.text import Text

from tare.report.text.console import new_console, printed
from tare.report.units import safe
from tare.schema.config import ConfigReport, ConfigValue


def render(report: ConfigReport) -> str:
    """One line a key, as TOML, with the origin behind it."""
    console = new_console()
    found = safe(report.file) if report.file else "none found: no tare.toml and no [tool.tare] here or above"
    console.print(Text(f"file: {found}"), soft_wrap=True)
    console.print()
    pairs = [(f"{safe(value.key)} = {safe(value.value)}", origin(value)) for value in report.values]
    width = min(max(len(left) for left, _ in pairs), 52)
    for left, right in pairs:
        console.print(Text(f"{left:{width}}  # {right}"), soft_wrap=True)
    return printed(console)


def origin(value: ConfigValue) -> str:
    """`default (TARE_TORCH)`, `tare.toml:3`, `variable TARE_TORCH` or `flag --torch`."""
    match value.origin:
        case "default":
            return f"default; {value.variable}"
        case "file":
            return safe(value.where)
    return f"{value.origin} {safe(value.where)}"
