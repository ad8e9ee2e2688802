"""`tare diff` as Markdown, for pull requests."""

from tare.report.markdown.parts import cell, code, joined
from tare.report.text.diff import about, details, share
from tare.report.units import size
from tare.schema.diff import DiffReport, FileDiff, PackageDiff

ROWS = 20


def render(report: DiffReport) -> str:
    """The report as Markdown."""
    a, b, found = report.before, report.after, report.totals
    hidden = sum(a.hidden_bytes.values()), sum(b.hidden_bytes.values())
    lines = [
        f"## {code(a.reference)} → {code(b.reference)}",
        "",
        "| | before | after | |",
        "|---|---:|---:|---:|",
        f"| on disk | {size(a.size_bytes)} | {size(b.size_bytes)} | {share(a.size_bytes, b.size_bytes)} |",
        f"| pull | {about(a.compressed_bytes)} | {about(b.compressed_bytes)} | |",
        f"| hidden by later layers | {size(hidden[0])} | {size(hidden[1])} | {share(*hidden)} |",
        f"| layers | {a.layers} | {b.layers} | {report.shared_layers} shared, {size(report.shared_bytes)} |",
        f"| files | {a.files} | {b.files} | +{found.added} −{found.removed} ~{found.changed} |",
        f"| packages | {a.packages} | {b.packages} | {len(report.packages)} differ |",
    ]
    own = [layer for layer in report.layers if not (layer.before and layer.after)]
    if own:
        lines += ["", "### Layers that differ", "", "| | disk | instruction |", "|---|---:|---|"]
        for layer in own[:ROWS]:
            sign = f"− {layer.before}" if layer.before else f"+ {layer.after}"
            text = " ".join(layer.instruction.split())
            lines.append(f"| {sign} | {size(layer.size_bytes)} | {code(text[:100])} |")
    if report.packages:
        lines += ["", "### Packages", "", "| package | before | after | bytes |", "|---|---|---|---:|"]
        lines += [_package(one) for one in report.packages[:ROWS]]
        lines += _rest(len(report.packages))
    if report.files:
        lines += ["", "### Files", "", "| | bytes | path | what |", "|---|---:|---|---|"]
        lines += [_file(one) for one in report.files[:ROWS]]
        lines += _rest(len(report.files))
    if report.configuration:
        lines += ["", "### Configuration", "", "| setting | before | after |", "|---|---|---|"]
        for one in report.configuration:
            before = code(one.before) if one.before is not None else "–"
            after = code(one.after) if one.after is not None else "–"
            lines.append(f"| {cell(one.name)} | {before} | {after} |")
    if not report.differs:
        lines += ["", "A container sees no difference: files, packages and configuration are the same."]
    lines += [f"Note: {cell(note)}" for note in report.notes]
    return joined(lines)


def _signed(value: int) -> str:
    return f"{'−' if value < 0 else '+'}{size(abs(value))}"


def _package(one: PackageDiff) -> str:
    growth = one.size_after_bytes - one.size_before_bytes
    before, after = cell(", ".join(one.before)) or "–", cell(", ".join(one.after)) or "–"
    return f"| {code(f'{one.manager}:{one.name}')} | {before} | {after} | {_signed(growth)} |"


def _file(one: FileDiff) -> str:
    sign = {"added": "+", "removed": "−", "changed": "~"}[one.change]
    return f"| {sign} | {_signed(one.growth_bytes)} | {code('/' + one.path)} | {cell(details(one))} |"


def _rest(count: int) -> list[str]:
    return ["", f"… and {count - ROWS} more."] if count > ROWS else []
