"""`tare diff` for a terminal, at 80 columns."""

from tare.report.text.columns import WIDTH, cut, cut_middle, one_line
from tare.report.units import size
from tare.schema.diff import (
    DiffReport,
    DiffVulnerabilities,
    FileDiff,
    FileState,
    InstructionDiff,
    PackageDiff,
    SettingDiff,
)
from tare.schema.quantity import Quantity

LAYERS, FILES, PACKAGES, SETTINGS, INSTRUCTIONS, VULNERABILITIES = 8, 12, 10, 10, 8, 10
INSTRUCTION_SIGNS = {"added": "+", "removed": "-", "changed": "~", "rebuilt": "="}


def render(report: DiffReport) -> str:
    """The report as text, ending in a line feed."""
    lines = [
        "before  " + cut(report.before.reference, WIDTH - 8),
        "after   " + cut(report.after.reference, WIDTH - 8),
        "",
    ]
    lines += _table(report)
    lines += ["", *_layers(report)]
    if report.instructions:
        lines += ["", *_instructions(report)]
    lines += ["", *_files(report)]
    if report.packages:
        lines += ["", f"packages ({len(report.packages)} differ)"]
        lines += [_package(one) for one in report.packages[:PACKAGES]]
        lines += _more(len(report.packages), PACKAGES)
    if report.vulnerabilities is not None:
        lines += ["", *_vulnerabilities(report.vulnerabilities)]
    if report.configuration:
        lines += ["", "configuration"]
        for one in report.configuration[:SETTINGS]:
            lines += _setting(one)
        lines += _more(len(report.configuration), SETTINGS)
    if not report.differs:
        lines += ["", "A container sees no difference: files, packages and configuration are the same."]
    lines += [cut(f"note: {note}", WIDTH) for note in report.notes]
    return "".join(line.rstrip() + "\n" for line in lines)


def _table(report: DiffReport) -> list[str]:
    a, b = report.before, report.after
    waste_a, waste_b = sum(a.hidden_bytes.values()), sum(b.hidden_bytes.values())
    rows = [
        ("disk", size(a.size_bytes), size(b.size_bytes), share(a.size_bytes, b.size_bytes)),
        (
            "pull",
            about(a.compressed_bytes),
            about(b.compressed_bytes),
            _pull_share(a.compressed_bytes, b.compressed_bytes),
        ),
        ("visible", size(a.visible_bytes), size(b.visible_bytes), share(a.visible_bytes, b.visible_bytes)),
        ("hidden", size(waste_a), size(waste_b), share(waste_a, waste_b)),
        (
            "duplicates",
            size(a.duplicate_bytes),
            size(b.duplicate_bytes),
            share(a.duplicate_bytes, b.duplicate_bytes),
        ),
        ("efficiency", f"{a.efficiency * 100:.1f} %", f"{b.efficiency * 100:.1f} %", ""),
        ("layers", str(a.layers), str(b.layers), ""),
        ("files", str(a.files), str(b.files), share(a.files, b.files)),
        ("packages", str(a.packages), str(b.packages), ""),
    ]
    return [f"{'':10} {'before':>12} {'after':>12}", *(f"{n:10} {x:>12} {y:>12}  {c}" for n, x, y, c in rows)]


def share(before: float, after: float) -> str:
    """`−85 %`; '' where nothing changed or there was nothing."""
    if before == after or not before:
        return ""
    change = (after - before) / before * 100
    text = f"{abs(change):.1f}" if abs(change) < 10 else f"{abs(change):.0f}"
    return f"{'−' if change < 0 else '+'}{text} %"


def about(value: Quantity) -> str:
    """A size that says whether it is an estimate."""
    if value.value is None:
        return "unknown"
    return size(value.value) if value.basis == "measured" else f"≈ {size(value.value)}"


def _pull_share(before: Quantity, after: Quantity) -> str:
    return share(before.value, after.value) if before.value is not None and after.value is not None else ""


def _layers(report: DiffReport) -> list[str]:
    lines = [f"layers: {report.shared_layers} shared ({size(report.shared_bytes)})"]
    own = [layer for layer in report.layers if not (layer.before and layer.after)]
    for layer in own[:LAYERS]:
        sign, number = ("-", layer.before) if layer.before else ("+", layer.after)
        text = one_line(layer.instruction) or "(the history does not say)"
        lines.append(f"{sign} {number:>3} {size(layer.size_bytes):>9}  {cut(text, WIDTH - 17)}")
    return lines + _more(len(own), LAYERS)


def _instructions(report: DiffReport) -> list[str]:
    known = any(one.line_before or one.line_after for one in report.instructions)
    lines = [f"instructions: bytes of the files that differ{', with their lines' if known else ''}"]
    for one in report.instructions[:INSTRUCTIONS]:
        lines.append(
            f"{INSTRUCTION_SIGNS[one.change]} {signed(one.growth_bytes):>10}  {cut(instruction(one), WIDTH - 14)}"
        )
    return lines + _more(len(report.instructions), INSTRUCTIONS)


def instruction(one: InstructionDiff) -> str:
    """An instruction with its lines: `9 → 11: RUN pip install torch`."""
    numbers = [str(line) for line in (one.line_before, one.line_after) if line]
    where = f"{' → '.join(dict.fromkeys(numbers))}: " if numbers else ""
    return where + (one_line(one.instruction_after or one.instruction_before) or "(the history does not say)")


def _vulnerabilities(found: DiffVulnerabilities) -> list[str]:
    added = sum(one.change == "added" for one in found.changes)
    head = f"vulnerabilities: {found.before} before, {found.after} after; {len(found.changes) - added} gone, {added} new"
    lines = [head]
    if found.unassessed_before or found.unassessed_after:
        lines.append(
            f"  not known to the database: {found.unassessed_before} packages before, {found.unassessed_after} after"
        )
    for one in found.changes[:VULNERABILITIES]:
        sign = "+" if one.change == "added" else "-"
        text = f"{one.id} {one.manager}:{one.package} {one.version}{'' if one.verdict == 'affected' else ' (perhaps)'}"
        lines.append(f"{sign} {one.severity:>10}  {cut(text, WIDTH - 14)}")
    return lines + _more(len(found.changes), VULNERABILITIES)


def signed(value: int) -> str:
    """`+12.0 MB`, `−3 B`."""
    return f"{'−' if value < 0 else '+'}{size(abs(value))}"


def _files(report: DiffReport) -> list[str]:
    found = report.totals
    head = (
        f"files: +{found.added} ({size(found.added_bytes)}), −{found.removed} ({size(found.removed_bytes)})"
    )
    head += f", {found.changed} changed"
    if found.changed:
        sign = "−" if found.growth_bytes < 0 else "+"
        head += f" ({sign}{size(abs(found.growth_bytes))}; content {found.content}, mode {found.mode}, owner {found.owner})"
    lines = [cut(head, WIDTH)]
    lines += [_file(one) for one in report.files[:FILES]]
    return lines + _more(len(report.files), FILES)


def _file(one: FileDiff) -> str:
    sign = {"added": "+", "removed": "-", "changed": "~"}[one.change]
    bytes_ = one.growth_bytes
    text = f"{'−' if bytes_ < 0 else '+'}{size(abs(bytes_))}"
    detail = f" ({details(one)})" if one.change == "changed" else ""
    room = WIDTH - 14 - len(detail)
    return f"{sign} {text:>10}  {cut_middle('/' + one.path, max(20, room))}{detail}"


def details(one: FileDiff) -> str:
    """What of a changed path differs: `content, mode 644 → 755`."""
    if one.before is None or one.after is None:
        return ""
    return ", ".join(_aspect(aspect, one.before, one.after) for aspect in one.aspects)


def _aspect(aspect: str, a: FileState, b: FileState) -> str:
    match aspect:
        case "kind":
            return f"{a.kind} → {b.kind}"
        case "mode":
            return f"mode {a.mode:o} → {b.mode:o}"
        case "owner":
            return f"owner {a.uid}:{a.gid} → {b.uid}:{b.gid}"
        case "link":
            return "link"
    return aspect


def _package(one: PackageDiff) -> str:
    before, after = ", ".join(one.before), ", ".join(one.after)
    sign = "~" if before and after else "+" if after else "-"
    growth = one.size_after_bytes - one.size_before_bytes
    versions = f"{before} → {after}" if before and after else before or after
    text = f"{'−' if growth < 0 else '+'}{size(abs(growth))}"
    return f"{sign} {text:>10}  {cut(f'{one.manager}:{one.name} {versions}', WIDTH - 14)}"


def _setting(one: SettingDiff) -> list[str]:
    name = f"{one.name}:"
    lines = []
    if one.before is not None:
        lines.append(f"- {cut(f'{name} {one.before}', WIDTH - 2)}")
    if one.after is not None:
        lines.append(f"+ {cut(f'{name} {one.after}', WIDTH - 2)}")
    return lines


def _more(count: int, shown: int) -> list[str]:
    return [f"  … and {count - shown} more (--format json has them all)"] if count > shown else []
