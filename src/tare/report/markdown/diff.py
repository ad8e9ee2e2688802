"""`tare diff` as Markdown, for pull requests."""

from tare.report.markdown.parts import cell, code, joined
from tare.report.text.diff import INSTRUCTION_SIGNS, about, details, share, signed
from tare.report.units import size
from tare.schema.diff import DiffReport, FileDiff, InstructionDiff, PackageDiff, VulnerabilityDiff

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
    if report.instructions:
        lines += [
            "",
            "### Instructions",
            "",
            "| | bytes | lines | instruction | packages |",
            "|---|---:|---|---|---|",
        ]
        lines += [_instruction(one) for one in report.instructions[:ROWS]]
        lines += _rest(len(report.instructions))
    if report.packages:
        lines += ["", "### Packages", "", "| package | before | after | bytes |", "|---|---|---|---:|"]
        lines += [_package(one) for one in report.packages[:ROWS]]
        lines += _rest(len(report.packages))
    if report.files:
        lines += ["", "### Files", "", "| | bytes | path | what |", "|---|---:|---|---|"]
        lines += [_file(one) for one in report.files[:ROWS]]
        lines += _rest(len(report.files))
    if report.vulnerabilities is not None:
        known = report.vulnerabilities
        lines += ["", f"### Vulnerabilities: {known.before} → {known.after}", ""]
        if known.unassessed_before or known.unassessed_after:
            lines += [
                f"Not known to the database: {known.unassessed_before} → {known.unassessed_after} packages.",
                "",
            ]
        if known.changes:
            lines += ["| | severity | id | package | fixed in |", "|---|---|---|---|---|"]
            lines += [_vulnerability(one) for one in known.changes[:ROWS]]
            lines += _rest(len(known.changes))
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


def _instruction(one: InstructionDiff) -> str:
    sign = {**INSTRUCTION_SIGNS, "removed": "−"}[one.change]
    lines = " → ".join(dict.fromkeys(str(line) for line in (one.line_before, one.line_after) if line))
    text = " ".join((one.instruction_after or one.instruction_before).split())
    packages = cell(", ".join(one.packages[:3]))
    return f"| {sign} | {signed(one.growth_bytes)} | {lines} | {code(text[:100])} | {packages} |"


def _vulnerability(one: VulnerabilityDiff) -> str:
    sign = "+" if one.change == "added" else "−"
    doubt = "" if one.verdict == "affected" else " (perhaps)"
    name = code(f"{one.manager}:{one.package} {one.version}")
    return f"| {sign} | {one.severity}{doubt} | {cell(one.id)} | {name} | {cell(', '.join(one.fixed_in))} |"


def _package(one: PackageDiff) -> str:
    growth = one.size_after_bytes - one.size_before_bytes
    before, after = cell(", ".join(one.before)) or "–", cell(", ".join(one.after)) or "–"
    return f"| {code(f'{one.manager}:{one.name}')} | {before} | {after} | {signed(growth)} |"


def _file(one: FileDiff) -> str:
    sign = {"added": "+", "removed": "−", "changed": "~"}[one.change]
    return f"| {sign} | {signed(one.growth_bytes)} | {code('/' + one.path)} | {cell(details(one))} |"


def _rest(count: int) -> list[str]:
    return ["", f"… and {count - ROWS} more."] if count > ROWS else []
