"""What to act on, one finding each: waste by cause and instruction, classes that a fix takes, limits that do not hold."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tare.inspect.finding_rules import FINDING_RULES
from tare.report.units import size
from tare.schema.inspect import InspectFinding, InspectReport, InspectRule, WasteItem, WhatIfItem

LEAST_BYTES = 1_000_000
"""Less than this is not worth a finding."""

CODES = {one.subject: (one.code, one.name) for one in FINDING_RULES}
"""Subject → code and name."""

RULES = {one.name: one.title for one in FINDING_RULES}


def find(report: InspectReport) -> tuple[InspectFinding, ...]:
    """All findings, limits first, then the largest first."""
    found = [*_waste(report), *_what_if(report)]
    found.sort(key=lambda one: (-one.size_bytes, one.code, one.line))
    return (*_budget(report), *found)


def rules_of(findings: Iterable[InspectFinding]) -> tuple[InspectRule, ...]:
    """What the findings' codes mean, by code."""
    found = {one.code: one.name for one in findings}
    return tuple(InspectRule(code, name, RULES[name]) for code, name in sorted(found.items()))


def _waste(report: InspectReport) -> Iterator[InspectFinding]:
    """One for each cause and instruction that wrote the bytes: that is the line to change."""
    groups: dict[tuple[str, int], list[WasteItem]] = defaultdict(list)
    for item in report.waste.items:
        groups[item.cause, item.written_in].append(item)
    for (cause, written), items in groups.items():
        total = sum(item.size_bytes for item in items)
        if total < LEAST_BYTES:
            continue
        code, name = CODES[cause]
        path, line = _place(report, written)
        hidden_in = ", ".join(str(item.hidden_in) for item in items[:5])
        largest = ", ".join(f"/{path}" for path in items[0].paths[:3])
        message = (
            f"{size(total)} in {sum(item.files for item in items)} files of layer {written} ({_short(items[0].wrote)}) are"
            f" {_WORDS[cause]} layer {hidden_in} ({_short(items[0].hid)}): {largest}. {items[0].remedy.title}."
        )
        yield InspectFinding(code, name, "warning", path, line, 1, message, total, written)


_WORDS = {
    "overwritten": "overwritten by",
    "metadata": "stored again with other owner, mode or time by",
    "whiteout": "deleted by",
    "directory-whiteout": "deleted with their directory by",
    "opaque": "hidden by the emptied directory of",
    "replaced-directory": "lost with the directory that is replaced by",
    "repeated": "repeated in",
}


def _what_if(report: InspectReport) -> Iterator[InspectFinding]:
    """One for each class; one for all packages that the same fix takes."""
    groups: dict[tuple[str, str], list[WhatIfItem]] = defaultdict(list)
    for item in report.what_if.items:
        if item.kind != "waste":
            groups[item.kind, item.remedy.title if item.kind == "package" else item.name].append(item)
    for (kind, _), items in groups.items():
        total = sum(item.size_bytes for item in items)
        if total < LEAST_BYTES:
            continue
        code, name = CODES[kind]
        layer = items[0].layers[0] if items[0].layers else 0
        path, line = _place(report, layer)
        what = ", ".join(item.name for item in items[:3])
        if len(items) > 3:
            what = f"{len(items)} packages ({what}, …)"
        message = (
            f"{what}: {size(total)} in {sum(item.files for item in items)} files. {items[0].remedy.title}."
        )
        yield InspectFinding(code, name, "info", path, line, 1, message, total, layer)


def _budget(report: InspectReport) -> Iterator[InspectFinding]:
    code, name = CODES["budget"]
    for check in report.budget:
        if check.passed is not True:
            path, line = _place(report, 0)
            yield InspectFinding(code, name, "error", path, line, 1, f"Over budget: {check.reason}.", 0)


def _place(report: InspectReport, layer: int) -> tuple[str, int]:
    """The Dockerfile's line of a layer where it is known, else the top of the Dockerfile or the image."""
    if report.dockerfile is None:
        return report.reference, 1
    line = report.layers[layer - 1].line if layer else None
    return report.dockerfile, line or 1


def _short(instruction: str) -> str:
    text = " ".join(instruction.split())
    return text if len(text) <= 60 else f"{text[:57]}…"
