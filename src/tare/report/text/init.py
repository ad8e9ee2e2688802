"""`tare init` for a terminal."""

from tare.report.units import safe
from tare.schema.init import InitReport


def render(report: InitReport) -> str:
    """What was found, and each file."""
    lines = [f"# found: {safe(one)}" for one in report.found] + ([""] if report.found else [])
    for file in report.files:
        state = (
            "written" if report.written else "new" if file.before is None else "would replace what is there"
        )
        lines += [
            f"# ── {safe(file.path)} ({state})",
            *([] if report.written else [safe(file.after.rstrip("\n"))]),
            "",
        ]
    if not report.written:
        lines.append("# nothing was written; --write does")
    return "\n".join(lines).rstrip("\n") + "\n"
