"""The screen of `tare inspect --tui`."""

import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from rich.markup import escape
from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Footer, Input, Static

from tare.core.errors import TareError
from tare.report.units import safe
from tare.schema.inspect import (
    DuplicateItem,
    InspectClass,
    InspectPackage,
    InspectReport,
    WasteItem,
    WhatIfItem,
)
from tare.tui import tables
from tare.tui.details import image_details, layer_details, node_details, subject_details
from tare.tui.files import FileTree
from tare.tui.keys import KeysScreen
from tare.tui.layers import LayersPane
from tare.tui.lines import Lines
from tare.tui.paths import Change, Comparison, Filter, PathNode, Paths
from tare.tui.rows import Rows
from tare.tui.viewer import LIMIT_BYTES, Viewer

VIEWS = (
    ("files", "Files"),
    ("packages", "Packages"),
    ("waste", "Waste"),
    ("classes", "Classes"),
    ("what-if", "What if"),
)
_Found = TypeVar("_Found")


class Reader(Protocol):
    """Reads contents of the image on the screen. Layers are numbered from 1."""

    def read(self, path: str, layer: int, limit: int) -> bytes:
        """The first bytes of what stood at `path` once `layer` was applied. Raises `TareError`."""

    def extract(self, paths: dict[str, str], layer: int, target: Path) -> tuple[int, int]:
        """Copy paths of the image to `target`: path within it → path of the image. Gives how many were copied and how
        many left out. Raises `TareError`."""


class InspectApp(App[None]):
    """Layers on the left, files and tables on the right."""

    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "keys", "Keys", key_display="?"),
        Binding("tab", "switch", "Layers/files", priority=True),
        Binding("ctrl+f,slash", "filter", "Filter"),
        Binding("ctrl+e,e", "extract", "Extract"),
        Binding("q,ctrl+c", "quit", "Quit"),
        Binding("ctrl+l", "compare('layer')", "This layer"),
        Binding("ctrl+a", "compare('all')", "All up to here"),
        Binding("escape", "clear", "Clear", show=False),
        *(
            Binding(str(number), f"view('{name}')", title, show=False)
            for number, (name, title) in enumerate(VIEWS, 1)
        ),
    ]

    def __init__(self, report: InspectReport, reader: Reader) -> None:
        super().__init__()
        self.report = report
        self.reader = reader
        self.paths = Paths(report)
        self.mode = "layer"
        self.layer = len(report.layers)
        self.rows = Rows(Comparison(self.paths, *self._range()))
        self._pending: Timer | None = None
        self._asking = ""

    def compose(self) -> ComposeResult:
        """The panes."""
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield LayersPane(self.report, id="layers")
                with VerticalScroll(id="details", can_focus=False):
                    yield Static(id="about")
                yield Static(image_details(self.report), id="image")
            with Vertical(id="right"):
                yield Static(id="tabs")
                with ContentSwitcher(initial="files", id="views"):
                    yield FileTree(self.rows, id="files")
                    yield tables.packages(self.report)
                    yield tables.waste(self.report)
                    yield tables.classes(self.report)
                    yield tables.what_if(self.report)
                yield Static(id="status")
                yield Input(id="ask")
        yield Footer()

    def on_mount(self) -> None:
        """The top layer is chosen, and keys go to the layers, as in dive."""
        self.title = safe(self.report.reference)
        self.query_one("#layers").border_title = escape(f"Layers of {safe(self.report.reference)}")
        self.query_one("#details").border_title = "Details"
        self.query_one("#image").border_title = "Image"
        self.query_one("#ask", Input).display = False
        layers = self.query_one(LayersPane)
        layers.cursor = max(0, self.layer - 1)
        layers.focus()
        self._tell()

    # -- what the panes say -------------------------------------------------------------------------------------

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """Another layer is compared a moment after the cursor rests on it; details follow the cursor."""
        if isinstance(message.lines, LayersPane):
            if self.report.layers:
                self.query_one("#about", Static).update(layer_details(self.report.layers[message.row]))
            if message.row + 1 != self.layer:
                self.layer = message.row + 1
                if self._pending is not None:
                    self._pending.stop()
                self._pending = self.set_timer(0.06, self._compare)
        elif isinstance(message.lines, FileTree) and message.lines.has_focus:
            self._about_node()
        elif isinstance(message.lines, tables.TableLines) and message.lines.has_focus:
            self._about_row(message.lines)

    def on_descendant_focus(self) -> None:
        """Details are of the pane that keys go to."""
        focused = self.focused
        if isinstance(focused, FileTree):
            self._about_node()
        elif isinstance(focused, tables.TableLines):
            self._about_row(focused)
        elif isinstance(focused, LayersPane) and self.report.layers:
            self.query_one("#about", Static).update(layer_details(self.report.layers[focused.cursor]))

    def on_file_tree_filtered(self) -> None:
        """The line above the tree says what it shows."""
        self._tell()

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """Enter: a file is shown, a directory folds, a row of a table leads to its files."""
        lines = message.lines
        if isinstance(lines, LayersPane):
            self.action_view("files")
        elif isinstance(lines, FileTree):
            place = lines.place
            if place is None:
                return
            if self.rows.comparison.directory[place]:
                lines.action_flip()
            else:
                self._view_file(place)
        elif isinstance(lines, tables.TableLines):
            self._follow(lines.rows[message.row].subject)

    def _about_row(self, lines: tables.TableLines) -> None:
        if lines.rows:
            subject = lines.rows[lines.cursor].subject
            self.query_one("#about", Static).update(subject_details(self.report, subject))

    def _about_node(self) -> None:
        tree = self.query_one(FileTree)
        if tree.place is not None:
            self.query_one("#about", Static).update(
                node_details(self.report, self.rows.comparison, tree.place)
            )

    def _tell(self) -> None:
        views = self.query_one("#views", ContentSwitcher)
        tabs = Text(no_wrap=True)
        for number, (name, title) in enumerate(VIEWS, 1):
            tabs.append(f" {number} {title} ", "reverse bold" if views.current == name else "dim")
            tabs.append(" ")
        self.query_one("#tabs", Static).update(tabs)
        chosen = self.rows.filter
        if self.mode == "layer":
            what = f"layer {self.layer}, changes of this layer"
        else:
            what = f"layer {self.layer}, changes since the lowest layer"
        parts = [what, f"by {self.rows.sort}"]
        off = [one.name.lower() for one in Change if one is not Change.ABSENT and one not in chosen.changes]
        if off:
            parts.append(f"without {', '.join(off)}")
        if chosen.hidden_only:
            parts.append("only what later layers hide")
        if chosen.pattern is not None:
            parts.append(f"matching {chosen.pattern.pattern}")
        if chosen.package is not None:
            parts.append(f"of {safe(self.report.packages[chosen.package].name)}")
        if chosen.path_class is not None:
            parts.append(chosen.path_class)
        self.query_one("#status", Static).update(
            Text(" · ".join(parts), "dim", no_wrap=True, overflow="ellipsis")
        )

    # -- layers -------------------------------------------------------------------------------------------------

    def _range(self) -> tuple[int, int]:
        """The layers compared: the one below with this one, or the lowest with this one."""
        if self.mode == "layer" or self.layer <= 1:
            return max(0, self.layer - 1), self.layer
        return 1, self.layer

    def _compare(self) -> None:
        self._pending = None
        self.query_one(FileTree).compare(Comparison(self.paths, *self._range()))
        self._tell()

    def action_compare(self, mode: str) -> None:
        """Changes of one layer, or of all layers above the lowest."""
        self.mode = mode
        self._compare()

    def action_switch(self) -> None:
        """From the layers to the right side and back."""
        if isinstance(self.focused, Input):
            return
        if isinstance(self.focused, LayersPane):
            self._focus_view()
        else:
            self.query_one(LayersPane).focus()

    def action_view(self, name: str) -> None:
        """Another view on the right side."""
        self.query_one("#views", ContentSwitcher).current = name
        self._focus_view()
        self._tell()

    def _focus_view(self) -> None:
        view = self.query_one("#views", ContentSwitcher).visible_content
        if isinstance(view, tables.Table):
            view.lines.focus()
        elif view is not None:
            view.focus()

    def _follow(self, subject: object) -> None:
        """From a row of a table to its files."""
        chosen = Filter()
        where: str | None = None
        match subject:
            case InspectPackage():
                chosen.package = subject.number
            case InspectClass():
                chosen.path_class = subject.name
            case WasteItem():
                self._show_layer(subject.written_in)
                chosen.hidden_only = True
                where = subject.paths[0] if subject.paths else None
            case DuplicateItem():
                chosen.pattern = re.compile("|".join(f"^{re.escape(path)}$" for path in subject.paths[:50]))
            case WhatIfItem(kind="class"):
                chosen.path_class = subject.name
            case _:
                return
        if not isinstance(subject, WasteItem):
            self._show_layer(len(self.report.layers))
        self.rows.filter = chosen
        tree = self.query_one(FileTree)
        self._compare()
        self.action_view("files")
        place = self.paths.find(where) if where is not None else None
        if place is not None:
            tree.go_to(place)

    def _show_layer(self, number: int) -> None:
        self.layer = number
        self.query_one(LayersPane).cursor = number - 1

    # -- filter -------------------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Ask for words: a regular expression over paths, or words in a table."""
        pattern = self.rows.filter.pattern
        self._ask(
            "filter",
            "regular expression over paths" if self._tree_shown() else "words",
            pattern.pattern if pattern else "",
        )

    def action_clear(self) -> None:
        """Close the question, or drop the filter."""
        field = self.query_one("#ask", Input)
        if field.display:
            self._close(field)
        if self._asking in ("filter", ""):
            self.rows.filter = Filter()
            self.query_one(FileTree).refilter()
            for table in self.query(tables.Table):
                table.lines.narrow(())
        self._asking = ""
        self._tell()

    def on_input_changed(self, event: Input.Changed) -> None:
        """The filter follows the words as they are written."""
        if self._asking != "filter":
            return
        if not self._tree_shown():
            for table in self.query(tables.Table):
                table.lines.narrow(event.value.lower().split())
            return
        try:
            self.rows.filter.pattern = re.compile(event.value) if event.value else None
        except re.error as error:
            self.query_one("#status", Static).update(Text(f"not a regular expression: {error}", "red"))
            return
        self.query_one(FileTree).refilter()
        self._tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps the filter, or starts the extraction."""
        asked, self._asking = self._asking, ""
        self._close(event.input)
        if asked == "extract":
            self._extract(event.value)

    def _ask(self, what: str, placeholder: str, value: str) -> None:
        field = self.query_one("#ask", Input)
        self._asking = ""
        field.placeholder = placeholder
        field.value = value
        field.border_title = {"filter": "Filter", "extract": "Extract to"}[what]
        field.display = True
        field.focus()
        self._asking = what

    def _close(self, field: Input) -> None:
        field.display = False
        self._focus_view()

    def _tree_shown(self) -> bool:
        return self.query_one("#views", ContentSwitcher).current == "files"

    # -- contents -----------------------------------------------------------------------------------------------

    def _shown_layer(self, place: int) -> int:
        compared = self.rows.comparison
        return compared.lower if compared.change[place] is Change.REMOVED else compared.upper

    def _view_file(self, place: int) -> None:
        node = self.paths.nodes[place]
        event = node.at(self._shown_layer(place))
        if event is not None and event.kind == "symlink" and self._follow_link(node):
            return
        if event is None or event.kind != "file":
            self.notify(f"{safe(node.path)} is a {event.kind if event else 'directory'}", markup=False)
            return
        self._load(node.path, self._shown_layer(place), event.size_bytes)

    def _follow_link(self, node: PathNode) -> bool:
        """Go where a symbolic link leads, if that is in sight."""
        if node.facts is None or not node.facts.link:
            return False
        goal = posixpath.normpath(posixpath.join("/", posixpath.dirname(node.path), node.facts.link)).lstrip(
            "/"
        )
        place = self.paths.find(goal)
        return place is not None and self.query_one(FileTree).go_to(place)

    @work(thread=True, exclusive=True, group="read")
    def _load(self, path: str, layer: int, size_bytes: int) -> None:
        content = self._guarded(lambda: self.reader.read(path, layer, LIMIT_BYTES))
        if content is not None:
            self.call_from_thread(self.push_screen, Viewer(path, max(size_bytes, len(content)), content))

    def action_extract(self) -> None:
        """Ask where to copy what the cursor stands on."""
        place = self.query_one(FileTree).place
        if not self._tree_shown() or place is None:
            return
        name = self.paths.nodes[place].name
        plain = re.sub(r"[^\w.@+-]", "_", name).lstrip(".") or "extracted"
        self._ask("extract", "a directory or file that is not there yet", f"./{plain}")

    def _extract(self, target: str) -> None:
        place = self.query_one(FileTree).place
        if place is None or not target.strip():
            return
        layer = self._shown_layer(place)
        top = self.paths.nodes[place].path
        wanted = {
            self.paths.nodes[one].path[len(top) + 1 :]: self.paths.nodes[one].path
            for one in self.paths.beneath(place)
            if self.paths.nodes[one].at(layer) is not None
        }
        self._copy(wanted, layer, Path(target.strip()).expanduser())

    @work(thread=True, group="extract")
    def _copy(self, wanted: dict[str, str], layer: int, target: Path) -> None:
        done = self._guarded(lambda: self.reader.extract(wanted, layer, target))
        if done is not None:
            left = f", {done[1]} devices or pipes left out" if done[1] else ""
            self.call_from_thread(self.notify, f"{done[0]} copied to {safe(str(target))}{left}", markup=False)

    def _guarded(self, run: Callable[[], _Found]) -> _Found | None:
        try:
            return run()
        except TareError as error:
            text = f"{error}\n{error.hint}" if error.hint else str(error)
            self.call_from_thread(self.notify, safe(text), severity="error", markup=False, timeout=8)
            return None

    def action_keys(self) -> None:
        """All keys on a page."""
        self.push_screen(KeysScreen())
