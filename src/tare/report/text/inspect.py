"""`tare inspect` for a terminal: 80 columns, and no more than a screen."""

from collections.abc import Sequence

from tare.report.text.columns import WIDTH, cut, cut_middle, one_line, padded
from tare.report.units import quantity, safe, size
from tare.schema.inspect import BudgetCheck, CudaLibrary, InspectLayer, InspectReport, WasteItem, WhatIfItem
from tare.schema.quantity import Quantity

LAYERS, WASTE, PACKAGES, WHAT_IF = 10, 4, 6, 7
CAUSES = {
    "overwritten": "overwritten",
    "metadata": "chmod/chown copy",
    "whiteout": "deleted",
    "directory-whiteout": "deleted with directory",
    "opaque": "emptied directory",
    "replaced-directory": "replaced directory",
    "repeated": "twice in its layer",
}


def render(report: InspectReport) -> str:
    """The report as text, ending in a line feed."""
    lines = [*_head(report), "", *_layers(report)]
    if report.waste.items:
        lines += ["", *_waste(report)]
    if report.packages:
        lines += ["", *_packages(report)]
    if report.cuda:
        lines += ["", *_cuda(report)]
    if report.what_if.items:
        lines += ["", *_what_if(report)]
    if report.slim:
        lines += ["", *_slim(report)]
    if report.budget:
        lines += ["", *budget_lines(report.budget)]
    lines += [cut(f"note: {note}", WIDTH) for note in report.notes]
    return "".join(line.rstrip() + "\n" for line in lines)


def _head(report: InspectReport) -> list[str]:
    waste = report.waste
    score = f"efficiency {report.efficiency * 100:.1f} %"
    if report.score == "dive":
        score = f"dive's efficiency {report.efficiency * 100:.4f} %"
    lines = [
        cut(f"{report.reference} ({report.platform})", WIDTH),
        cut(
            f"disk {size(report.size_bytes)} · pull {quantity(report.compressed_bytes, 'bytes')} ·"
            f" {len(report.layers)} layers · {report.entries} entries",
            WIDTH,
        ),
        cut(
            f"{score} · hidden {size(waste.hidden_total_bytes)} · duplicates {size(waste.duplicate_bytes)}",
            WIDTH,
        ),
    ]
    if report.dive is not None:
        share = report.dive.wasted_user_percent
        of_user = f", {share * 100:.2f} % of own layers" if share is not None else ""
        lines.append(cut(f"dive: wasted {size(report.dive.wasted_bytes)}{of_user}", WIDTH))
    if report.base is not None:
        base = report.base
        known = {
            "compared": f"as in {base.name}",
            "dockerfile": "by the Dockerfile",
            "history": "as its history suggests",
        }[base.known_by]
        lines.append(
            cut(
                f"base {size(base.size_bytes)} in {base.layers} layers ({known}) · own {size(base.own_size_bytes)}",
                WIDTH,
            )
        )
    return lines


def _layers(report: InspectReport) -> list[str]:
    lines = ["layer       disk     pull   hidden  instruction"]
    shown = _largest(report.layers)
    skipped: list[InspectLayer] = []
    for layer in report.layers:
        if layer.number in shown:
            if skipped:
                lines.append(_skipped(skipped))
                skipped = []
            mark = "b" if layer.base else " "
            line = f"  :{layer.line}" if layer.line else ""
            lines.append(
                f"{layer.number:>4}{mark} {size(layer.size_bytes):>10} {_about(layer.compressed_bytes):>8}"
                f" {_bytes(layer.hidden_bytes):>8}  {cut(_words(layer.instruction), WIDTH - 36 - len(line))}{line}"
            )
        else:
            skipped.append(layer)
    if skipped:
        lines.append(_skipped(skipped))
    return lines


def _largest(layers: Sequence[InspectLayer]) -> set[int]:
    if len(layers) <= LAYERS:
        return {layer.number for layer in layers}
    ordered = sorted(layers, key=lambda layer: (-layer.size_bytes - layer.hides_bytes, layer.number))
    return {layer.number for layer in ordered[: LAYERS - 2]}


def _skipped(layers: Sequence[InspectLayer]) -> str:
    count = len(layers)
    return f"   …  {size(sum(layer.size_bytes for layer in layers)):>10}{'':19} {count} smaller layer{'s' if count > 1 else ''}"


def _waste(report: InspectReport) -> list[str]:
    lines = ["hidden  layers   why; what hid it"]
    items = [item for item in report.waste.items if item.size_bytes] or list(report.waste.items)
    lines += [_waste_line(item) for item in items[:WASTE]]
    if len(items) > WASTE:
        rest = sum(item.size_bytes for item in items[WASTE:])
        lines.append(f"{size(rest):>7}  {len(items) - WASTE} more (--format json has them all)")
    return lines


def _waste_line(item: WasteItem) -> str:
    layers = f"{item.written_in} → {item.hidden_in}"
    text = f"{CAUSES[item.cause]}, {item.files} file{'s' if item.files > 1 else ''}: {_words(item.hid)}"
    return f"{_bytes(item.size_bytes):>7}  {layers:<7}  {cut(text, WIDTH - 18)}"


def _packages(report: InspectReport) -> list[str]:
    """Two a line, the largest first."""
    shown = report.packages[:PACKAGES]
    cells = [
        f"{_bytes(package.size_bytes):>7}  {padded(f'{package.name} {package.version} ({package.manager})', 28)}"
        for package in shown
    ]
    total = sum(package.size_bytes for package in report.packages)
    rest = len(report.packages) - len(shown)
    head = f"packages: {len(report.packages)}, {size(total)}; no package: {size(report.unowned.size_bytes)}"
    if rest > 0:
        head += f"; the {len(shown)} largest"
    half = (len(cells) + 1) // 2
    return [
        head,
        *("  ".join((cells[place], *cells[place + half : place + half + 1])) for place in range(half)),
    ]


def _cuda(report: InspectReport) -> list[str]:
    """Two lines: libraries by component, device code by architecture."""
    components, architectures = cuda_totals(report.cuda)
    total = sum(components.values())
    lines = [cut(f"CUDA: {size(total)} in {len(report.cuda)} libraries: {_listed(components)}", WIDTH)]
    if architectures:
        code = sum(architectures.values())
        lines.append(cut(f"GPU code: {size(code)}: {_listed(architectures)}", WIDTH))
    return lines


def cuda_totals(libraries: Sequence[CudaLibrary]) -> tuple[dict[str, int], dict[str, int]]:
    """Bytes by component, and bytes of device code by architecture."""
    components: dict[str, int] = {}
    architectures: dict[str, int] = {}
    for library in libraries:
        components[library.component] = components.get(library.component, 0) + library.size_bytes
        for name, size_bytes in library.architectures.items():
            architectures[name] = architectures.get(name, 0) + size_bytes
    return components, architectures


def _listed(totals: dict[str, int]) -> str:
    ordered = sorted(totals.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{name} {size(value)}" for name, value in ordered)


def _what_if(report: InspectReport) -> list[str]:
    what = report.what_if
    lines = [
        f"could go: {size(what.freeable_bytes)} on disk, {_about(what.freeable_compressed_bytes)} of a pull; by fix, at most",
        "   disk     pull  what: fix",
    ]
    items = grouped(what.items)
    for name, size_bytes, compressed, title in items[:WHAT_IF]:
        lines.append(
            f"{_bytes(size_bytes):>7} {_about(compressed):>8}  {cut(f'{name}: {title}', WIDTH - 18)}"
        )
    if len(items) > WHAT_IF:
        rest = sum(item[1] for item in items[WHAT_IF:])
        lines.append(f"{_bytes(rest):>7} {'':8}  {len(items) - WHAT_IF} more")
    return lines


def _slim(report: InspectReport) -> list[str]:
    """A line for each level: what its plan frees, what is left, and by which steps."""
    lines = ["tare slim, as planned (not run): freed, left, by step"]
    for one in report.slim:
        steps = sorted(one.steps, key=lambda step: (-step.freed_bytes, step.name))
        named = ", ".join(f"{step.name} {size(step.freed_bytes)}" for step in steps if step.freed_bytes > 0)
        text = f"{one.level}: {named or 'nothing'}"
        lines.append(f"{_bytes(one.freed_bytes):>7} {size(one.left_bytes):>8}  {cut(text, WIDTH - 18)}")
    return lines


def grouped(items: Sequence[WhatIfItem]) -> list[tuple[str, int, Quantity, str]]:
    """Items with the packages of one fix as one row, and all hidden bytes as one: (what, bytes, pull, fix)."""
    rows: dict[tuple[str, str], list[WhatIfItem]] = {}
    for item in items:
        key = ("hidden bytes", "") if item.kind == "waste" else (item.kind, item.remedy.title)
        rows.setdefault(key if item.kind != "class" else (item.name, item.remedy.title), []).append(item)
    found = []
    for (kind, title), members in rows.items():
        total = members[0].compressed_bytes
        for one in members[1:]:
            total = total + one.compressed_bytes
        name = kind
        if kind == "package":
            names = ", ".join(one.name.partition(":")[2] for one in members[:3])
            name = (
                f"{len(members)} packages ({names}{', …' if len(members) > 3 else ''})"
                if len(members) > 1
                else names
            )
        if kind == "hidden bytes":
            title = "Write it once, or tare slim --level lossless"
        found.append((name, sum(one.size_bytes for one in members), total, title))
    return sorted(found, key=lambda one: (-one[1], one[0]))


def budget_lines(checks: Sequence[BudgetCheck]) -> list[str]:
    """Every limit with its sign; those that fail also say where they come from."""
    lines = []
    for check in checks:
        sign = {True: "✔", False: "✘", None: "?"}[check.passed]
        origin = f" [{check.origin}]" if check.passed is not True else ""
        lines.append(cut_middle(f"{sign} {check.reason}{origin}", WIDTH))
    return lines


def _words(instruction: str) -> str:
    return one_line(instruction) or "(the history does not say)"


def _bytes(value: int) -> str:
    return size(value) if value else "-"


def _about(value: Quantity) -> str:
    if value.value is None:
        return "?"
    text = size(value.value)
    return text if value.basis == "measured" else f"≈{safe(text)}"
