"""`tare slim` as Markdown, for pull requests."""

from tare.report.units import quantity, safe, size
from tare.schema.slim import SlimReport


def render(report: SlimReport) -> str:
    """The report as Markdown."""
    lines = [f"## Slim image, level `{report.level}`", "", "| | before | after |", "|---|---:|---:|"]
    before, after = report.before, report.after
    lines += [
        f"| size | {quantity(before.size_bytes, 'bytes')} | {quantity(after.size_bytes, 'bytes')} |",
        f"| compressed | {quantity(before.compressed_bytes, 'bytes')} | {quantity(after.compressed_bytes, 'bytes')} |",
        f"| layers | {before.layers} | {after.layers} |",
        f"| files | {before.files} | {after.files} |",
        f"| packages | {before.packages} | {after.packages} |",
        "",
        "| step | saved | why |",
        "|---|---:|---|",
    ]
    for step in report.steps:
        if step.status == "applied":
            lines.append(f"| {step.name} | {size(step.saved_bytes)} | {step.reason} |")
        elif step.status == "dropped":
            lines.append(f"| {step.name} | left out | {_cell(step.reason)} |")
    lines += ["", f"Verified: {_cell(report.verified)}."]
    if report.verification is not None:
        failed = [check for check in report.verification.checks if check.passed is not True]
        lines.append(
            f"{len(report.verification.checks) - len(failed)} of {len(report.verification.checks)} checks passed."
        )
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return safe(text).replace("|", "\\|").replace("\n", " ")
