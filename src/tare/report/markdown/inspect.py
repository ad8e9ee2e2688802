"""`tare inspect` as Markdown, for pull requests."""

from tare.report.markdown.parts import cell, code, joined
from tare.report.text.inspect import CAUSES, cuda_totals, grouped
from tare.report.units import quantity, size
from tare.schema.inspect import InspectReport
from tare.schema.quantity import Quantity

ROWS = 15


def render(report: InspectReport) -> str:
    """The report as Markdown."""
    waste = report.waste
    lines = [f"## tare inspect {code(report.reference)}", ""]
    failed = [check for check in report.budget if check.passed is not True]
    if report.budget:
        verdict = (
            f"**Over budget** ({len(failed)} of {len(report.budget)} limits)" if failed else "Within budget"
        )
        lines += [f"{verdict}.", "", "| | limit | from |", "|---|---|---|"]
        for check in report.budget:
            sign = {True: "✔", False: "✘", None: "?"}[check.passed]
            lines.append(f"| {sign} | {cell(check.reason)} | {code(check.origin)} |")
        lines.append("")
    efficiency = "dive's efficiency" if report.score == "dive" else "efficiency"
    lines += [
        "| | |",
        "|---|---:|",
        f"| on disk | {size(report.size_bytes)} |",
        f"| pull | {quantity(report.compressed_bytes, 'bytes')} |",
        f"| layers | {len(report.layers)} |",
        f"| {efficiency} | {report.efficiency * 100:.2f} % |",
        f"| hidden by later layers | {size(waste.hidden_total_bytes)} |",
        f"| duplicates | {size(waste.duplicate_bytes)} |",
    ]
    if report.base is not None:
        lines.append(f"| base ({report.base.layers} layers) | {size(report.base.size_bytes)} |")
        lines.append(f"| own | {size(report.base.own_size_bytes)} |")
    lines += ["", "### Layers", "", "| | disk | pull | hidden | instruction |", "|---:|---:|---:|---:|---|"]
    for layer in report.layers:
        where = f" (line {layer.line})" if layer.line else ""
        base = " base" if layer.base else ""
        lines.append(
            f"| {layer.number}{base} | {size(layer.size_bytes)} | {_about(layer.compressed_bytes)} |"
            f" {size(layer.hidden_bytes)} | {code(_short(layer.instruction))}{where} |"
        )
    items = [item for item in waste.items if item.size_bytes]
    if items:
        lines += [
            "",
            "### Hidden bytes",
            "",
            "| disk | why | written in | hidden in | fix |",
            "|---:|---|---|---|---|",
        ]
        for item in items[:ROWS]:
            lines.append(
                f"| {size(item.size_bytes)} | {CAUSES[item.cause]}, {item.files} files | {item.written_in}:"
                f" {code(_short(item.wrote))} | {item.hidden_in}: {code(_short(item.hid))} | {cell(item.remedy.title)} |"
            )
        lines += _rest(len(items))
    if report.packages:
        lines += ["", "### Packages", "", "| disk | pull | package | layers |", "|---:|---:|---|---|"]
        for package in report.packages[:ROWS]:
            name = f"{package.manager}:{package.name} {package.version}"
            layers = ", ".join(map(str, package.layers))
            lines.append(
                f"| {size(package.size_bytes)} | {_about(package.compressed_bytes)} | {code(name)} | {layers} |"
            )
        lines += _rest(len(report.packages))
    if report.cuda:
        components, architectures = cuda_totals(report.cuda)
        lines += ["", "### CUDA", "", "| component | disk |", "|---|---:|"]
        lines += [
            f"| {cell(name)} | {size(value)} |"
            for name, value in sorted(components.items(), key=lambda one: -one[1])
        ]
        if architectures:
            lines += ["", "| GPU code for | bytes |", "|---|---:|"]
            lines += [
                f"| {name} | {size(value)} |"
                for name, value in sorted(architectures.items(), key=lambda one: -one[1])
            ]
    rows = grouped(report.what_if.items)
    if rows:
        what = report.what_if
        lines += [
            "",
            f"### What could go: {size(what.freeable_bytes)} on disk, {_about(what.freeable_compressed_bytes)} of a pull",
            "",
            "| disk | pull | what | fix |",
            "|---:|---:|---|---|",
        ]
        for name, size_bytes, compressed, title in rows[:ROWS]:
            lines.append(f"| {size(size_bytes)} | {_about(compressed)} | {cell(name)} | {cell(title)} |")
        lines += _rest(len(rows))
    if report.slim:
        lines += [
            "",
            "### `tare slim`, as planned (not run)",
            "",
            "| level | frees | leaves | by step |",
            "|---|---:|---:|---|",
        ]
        for one in report.slim:
            steps = sorted(one.steps, key=lambda step: (-step.freed_bytes, step.name))
            named = ", ".join(
                f"{step.name} {size(step.freed_bytes)}" for step in steps if step.freed_bytes > 0
            )
            lines.append(
                f"| {one.level} | {size(one.freed_bytes)} | {size(one.left_bytes)} | {cell(named)} |"
            )
    lines += ["", "Pull shares of files are estimates: their layer's size, in proportion to the bytes."]
    lines += [f"Note: {cell(note)}" for note in report.notes]
    return joined(lines)


def _rest(count: int) -> list[str]:
    return ["", f"… and {count - ROWS} more."] if count > ROWS else []


def _about(value: Quantity) -> str:
    if value.value is None:
        return "unknown"
    return size(value.value) if value.basis == "measured" else f"≈ {size(value.value)}"


def _short(instruction: str) -> str:
    text = " ".join(instruction.split())
    return text if len(text) <= 100 else f"{text[:97]}…"
