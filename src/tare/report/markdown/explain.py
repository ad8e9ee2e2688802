"""`tare explain` as Markdown."""

from tare.report.markdown.parts import cell, code, joined
from tare.report.text.explain import NEEDS
from tare.report.text.inspect import CAUSES
from tare.report.units import quantity, size
from tare.schema.explain import ExplainReport, Origin

ROWS = 20


def render(report: ExplainReport) -> str:
    """The report as Markdown."""
    lines = [f"## {code('/' + report.path)} in {code(report.reference)}", ""]
    if not report.present:
        lines.append("No longer there: a later layer hid it.")
    if report.origin is not None:
        lines.append(f"- {report.kind}, mode {report.mode:o}, owner {report.uid}:{report.gid}")
        lines.append(f"- written by {_origin(report.origin)}")
        if report.package:
            lines.append(f"- package {code(report.package)}, {size(report.package_bytes)} in all")
        elif report.kind == "file":
            lines.append("- no package claims it")
        if report.path_class:
            lines.append(f"- class: {report.path_class}")
        gone = report.removal
        lines.append(
            f"- not writing it frees {size(gone.visible.size_bytes)} on disk,"
            f" {quantity(gone.visible.compressed_bytes, 'bytes')} of a pull"
        )
        if gone.remedy is not None:
            lines.append(f"- fix: {cell(gone.remedy.title)}")
    children = [part for part in report.parts if part.kind == "child"]
    if children:
        lines += ["", "| disk | files | within |", "|---:|---:|---|"]
        lines += [f"| {size(one.size_bytes)} | {one.files} | {code(one.name)} |" for one in children[:ROWS]]
    if report.versions:
        lines += ["", "| hidden version | written by | hidden by | why |", "|---:|---|---|---|"]
        lines += [
            f"| {size(one.size_bytes)} {code('/' + one.path)} | {_origin(one.written)} | {_origin(one.hidden)} |"
            f" {CAUSES.get(one.cause, one.cause)} |"
            for one in report.versions[:ROWS]
        ]
    for kind, title in NEEDS.items():
        needs = [need for need in report.needs if need.kind == kind]
        if needs:
            lines += ["", f"### {title[0].upper()}{title[1:]} ({len(needs)})", ""]
            lines += [f"- {code(need.name)}: {cell(need.detail)}" for need in needs[:ROWS]]
            if len(needs) > ROWS:
                lines.append(f"- … and {len(needs) - ROWS} more")
    lines += [f"Note: {cell(note)}" for note in report.notes]
    return joined(lines)


def _origin(origin: Origin) -> str:
    line = f" (Dockerfile line {origin.line})" if origin.line else ""
    text = " ".join(origin.instruction.split())
    return f"layer {origin.layer}{line}: {code(text[:100])}"
