"""The panes of words: what is known of the node under the cursor, and of the image."""

from rich.text import Text

from tare.report.text.inspect import CAUSES
from tare.report.units import quantity, safe, size
from tare.schema.inspect import (
    DuplicateItem,
    InspectClass,
    InspectLayer,
    InspectPackage,
    InspectReport,
    WasteItem,
    WhatIfItem,
)
from tare.tui.files import mode_text
from tare.tui.paths import Change, Comparison
from tare.tui.tables import remedy_text


def node_details(report: InspectReport, compared: Comparison, place: int) -> Text:
    """Path, layer, instruction, package, class and all versions of a node."""
    node = compared.paths.nodes[place]
    text = Text()
    text.append(f"/{safe(node.path)}\n", "bold")
    layer = compared.upper if compared.change[place] is not Change.REMOVED else compared.lower
    facts = compared.paths.facts(place, layer)
    event = node.at(layer)
    words = [compared.change[place].name.lower(), event.kind if event else "directory"]
    if facts is not None:
        words += [mode_text(facts.kind, facts.mode), f"{facts.uid}:{facts.gid}"]
    _line(text, "", ", ".join(words))
    if compared.directory[place]:
        below = sum(
            1
            for child in compared.paths.beneath(place)
            if compared.change[child] not in (Change.ABSENT, Change.REMOVED) and not compared.directory[child]
        )
        _line(text, "holds", f"{size(compared.size_bytes[place])} in {below} files")
    elif facts is not None and facts.hardlink:
        _line(text, "size", f"{size(facts.size_bytes)}, shared with another name")
    else:
        _line(text, "size", size(compared.size_bytes[place]))
    if facts is not None and facts.link:
        _line(text, "leads to", safe(facts.link))
    if facts is not None and facts.package >= 0:
        owner = report.packages[facts.package]
        _line(text, "package", f"{safe(owner.name)} {safe(owner.version)} ({owner.manager})")
    if facts is not None and facts.path_class:
        _line(text, "class", facts.path_class)
    if event is not None and event.layer:
        _line(text, f"layer {event.layer}", _instruction(report.layers[event.layer - 1]))
    if compared.hidden_by[place]:
        number = compared.hidden_by[place]
        _line(text, "wasted", f"layer {number} hides it: {_instruction(report.layers[number - 1])}", "yellow")
    if len(node.events) > 1:
        text.append("versions\n", "dim")
        for one in node.events:
            what = size(one.size_bytes) if one.present else "removed"
            text.append(f"  layer {one.layer:>3}  {what}\n", "" if one is event else "dim")
    return text


def layer_details(layer: InspectLayer) -> Text:
    """A layer, with its whole instruction."""
    text = Text()
    text.append(f"Layer {layer.number}\n", "bold")
    _line(text, "size", size(layer.size_bytes))
    _line(text, "pull", quantity(layer.compressed_bytes, "bytes"))
    _line(
        text, "hidden", f"{size(layer.hidden_bytes)} by later layers", "yellow" if layer.hidden_bytes else ""
    )
    _line(text, "hides", f"{size(layer.hides_bytes)} of lower layers")
    _line(text, "names", f"{layer.added} added, {layer.changed} changed, {layer.removed} removed")
    if layer.line:
        _line(text, "line", str(layer.line))
    _line(text, "digest", layer.digest)
    text.append("\n" + safe(layer.instruction or "instruction not known"))
    return text


def subject_details(report: InspectReport, subject: object) -> Text:
    """What a row of a table stands for, with more than has room in a row."""
    text = Text()
    match subject:
        case InspectPackage():
            text.append(f"{safe(subject.name)} {safe(subject.version)}\n", "bold")
            _line(text, "manager", subject.manager)
            _line(text, "size", f"{size(subject.size_bytes)} in {subject.files} files")
            _line(text, "pull", quantity(subject.compressed_bytes, "bytes"))
            _line(text, "could go", size(subject.freeable_bytes))
            for number in subject.layers[:12]:
                _line(text, f"layer {number}", _instruction(report.layers[number - 1]))
        case WasteItem():
            text.append(f"{CAUSES.get(subject.cause, subject.cause)}, {size(subject.size_bytes)}\n", "bold")
            _line(text, f"layer {subject.written_in}", _words(subject.wrote))
            _line(text, "hidden by", f"layer {subject.hidden_in}: {_words(subject.hid)}")
            _line(text, "helps", remedy_text(subject.remedy), "green")
            _paths(text, subject.paths, subject.files)
        case DuplicateItem():
            text.append(f"the same {size(subject.size_bytes)} {len(subject.paths)} times\n", "bold")
            _paths(text, subject.paths, len(subject.paths))
        case InspectClass():
            text.append(f"{subject.name}\n", "bold")
            _line(text, "size", f"{size(subject.size_bytes)} in {subject.files} files")
            _line(text, "pull", quantity(subject.compressed_bytes, "bytes"))
        case WhatIfItem():
            text.append(f"{subject.kind}: {safe(subject.name)}\n", "bold")
            _line(text, "frees", f"{size(subject.size_bytes)} in {subject.files} files")
            _line(text, "pull", quantity(subject.compressed_bytes, "bytes"))
            _line(text, "helps", remedy_text(subject.remedy), "green")
    return text


def _paths(text: Text, paths: tuple[str, ...], of: int) -> None:
    for path in paths[:40]:
        text.append(f"  /{safe(path)}\n")
    if of > len(paths[:40]):
        text.append(f"  and {of - len(paths[:40])} more\n", "dim")


def image_details(report: InspectReport) -> Text:
    """The figures of the image."""
    text = Text()
    _line(text, "disk", size(report.size_bytes))
    _line(text, "pull", quantity(report.compressed_bytes, "bytes"))
    _line(text, "wasted", size(report.waste.wasted_bytes))
    _line(
        text, "efficiency", f"{report.efficiency * 100:.1f} %" + (" (dive)" if report.score == "dive" else "")
    )
    _line(text, "could go", size(report.what_if.freeable_bytes))
    text.rstrip()
    return text


def _instruction(layer: InspectLayer) -> str:
    return _words(layer.instruction)


def _words(instruction: str) -> str:
    return " ".join(safe(instruction).split())[:400] or "instruction not known"


def _line(text: Text, name: str, value: str, style: str = "") -> None:
    if name:
        text.append(f"{name:<11}", "dim")
    text.append(f"{value}\n", style)
