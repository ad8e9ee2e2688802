"""`tare inspect` as one HTML file: map, layers, waste, packages, classes, what-if, search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from tare.report.html.page import page, share
from tare.report.html.sizemap import MapNode, size_map
from tare.report.text.inspect import CAUSES, grouped
from tare.report.units import safe
from tare.schema.inspect import FileFacts, InspectReport

_ROWS = 400
_FILES = 500
_MAP_NODES = 3000
_HIDDEN = "hidden in lower layers"
_INSTRUCTION = 160
_COLOURS = {
    "package-manager cache": "k-cache",
    "version control": "k-vcs",
    "bytecode": "k-bytecode",
    "tests": "k-tests",
    "CUDA libraries": "k-cuda",
    "headers and static libraries": "k-headers",
    "debug symbols": "k-debug",
    "documentation and locales": "k-docs",
    "notebooks": "k-notebooks",
    "model weights and data sets": "k-models",
    "secrets-like files": "k-secrets",
    "logs and temporary files": "k-logs",
    "other": "k-other",
    _HIDDEN: "k-hidden",
}
_SECTIONS = (
    ("map", "Map"),
    ("layers", "Layers"),
    ("waste", "Waste"),
    ("what-if", "What if"),
    ("packages", "Packages"),
    ("classes", "Classes"),
    ("files", "Files"),
)


@dataclass(frozen=True, slots=True)
class Rest:
    """What a table leaves out."""

    count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar of all bytes; `start` and `width` in percent."""

    name: str
    size_bytes: int
    start: str
    width: str
    colour: str


def render(report: InspectReport) -> str:
    """The page. Tables and map are bounded, so that it stays near a megabyte for any image; each says what it leaves out.

    `report.files` should be filled: without it the map and the table of files are empty.
    """
    visible = [
        file for file in report.files if not file.hidden_in and file.kind == "file" and not file.hardlink
    ]
    visible.sort(key=lambda file: (-file.size_bytes, file.path))
    hidden = [file for file in report.files if file.hidden_in and file.kind == "file"]
    waste_items, waste_rest = _first(sorted(report.waste.items, key=_by_size), _ROWS)
    packages, packages_rest = _first(sorted(report.packages, key=_by_size), _ROWS)
    what_if, what_if_rest = _first(sorted(report.what_if.items, key=_by_size), _ROWS)
    files, files_rest = _first(visible, _FILES)
    duplicates = sorted(report.waste.duplicates, key=lambda item: -item.wasted_bytes)
    return page(
        "inspect.html.j2",
        scripts=("treemap.js", "page.js"),
        data=_map_data(report, size_map((*visible, *_beneath(hidden)), _MAP_NODES)),
        report=report,
        sections=_SECTIONS,
        stack=_stack(report),
        colours=_COLOURS,
        efficiency=f"{report.efficiency * 100:.1f} %",
        failed=[check for check in report.budget if check.passed is not True],
        own_note=_own(report),
        packages_note=f"{len(report.packages)} packages",
        freeable_note=f"{share(report.what_if.freeable_bytes, report.size_bytes).split('.')[0]} % of the image",
        widest=max((layer.size_bytes for layer in report.layers), default=0),
        waste_items=waste_items,
        waste_rest=waste_rest,
        duplicates=duplicates[:_ROWS],
        duplicates_rest=_rest([item.wasted_bytes for item in duplicates[_ROWS:]]),
        groups=grouped(report.what_if.items),
        causes=CAUSES,
        what_if=what_if,
        what_if_rest=what_if_rest,
        packages=packages,
        packages_rest=packages_rest,
        package_names={item.number: safe(item.name) for item in report.packages},
        classes=sorted(report.classes, key=_by_size),
        files=files,
        files_rest=files_rest,
        files_total=len(visible),
    )


class _Sized(Protocol):
    @property
    def size_bytes(self) -> int: ...


_Row = TypeVar("_Row", bound=_Sized)


def _by_size(item: _Sized) -> int:
    return -item.size_bytes


def _first(rows: Sequence[_Row], limit: int) -> tuple[Sequence[_Row], Rest | None]:
    return rows[:limit], _rest([row.size_bytes for row in rows[limit:]])


def _rest(sizes: Sequence[int]) -> Rest | None:
    return Rest(len(sizes), sum(sizes)) if sizes else None


def _own(report: InspectReport) -> str:
    if report.base is None:
        return ""
    named = f" of {safe(report.base.name)}" if report.base.name else ""
    return f"{report.base.layers}{named} from the base"


def _stack(report: InspectReport) -> list[Part]:
    parts = [(item.name, item.size_bytes) for item in sorted(report.classes, key=_by_size) if item.size_bytes]
    if report.waste.hidden_total_bytes:
        parts.append((_HIDDEN, report.waste.hidden_total_bytes))
    whole = sum(size for _, size in parts)
    found, start = [], 0
    for name, size in parts:
        colour = _COLOURS.get(name, "k-other")
        found.append(Part(name, size, share(start, whole), share(size, whole), colour))
        start += size
    return found


def _beneath(hidden: Iterable[FileFacts]) -> Iterable[FileFacts]:
    """Hidden versions below a directory of their own, so that the map shows all bytes of the image."""
    for file in hidden:
        cause = CAUSES.get(file.cause, file.cause).replace("/", " or ")
        yield replace(file, path=f"{_HIDDEN}/{cause}/{file.path}", path_class=_HIDDEN, hidden_in=0)


def _map_data(report: InspectReport, nodes: Sequence[MapNode]) -> dict[str, object]:
    classes = [node.path_class if node.path_class else "other" for node in nodes]
    return {
        "root": safe(report.reference),
        "hidden": _HIDDEN,
        "map": [
            [None if node.rest else safe(node.name) for node in nodes],
            [node.parent for node in nodes],
            [node.size_bytes for node in nodes],
            [node.files for node in nodes],
            classes,
            [node.layer for node in nodes],
            [node.package for node in nodes],
        ],
        "colours": _COLOURS,
        "layers": [safe(layer.instruction)[:_INSTRUCTION] for layer in report.layers],
        "packages": {item.number: safe(item.name) for item in report.packages if item.size_bytes},
    }
