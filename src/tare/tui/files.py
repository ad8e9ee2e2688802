"""The tree of files."""

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message

from tare.report.units import safe, size
from tare.tui.lines import Lines
from tare.tui.paths import SIGNS, Change, Comparison
from tare.tui.rows import Rows

_STYLES = {
    Change.ADDED: "green",
    Change.MODIFIED: "yellow",
    Change.REMOVED: "red strike",
    Change.UNMODIFIED: "",
}
_KINDS = {"directory": "d", "symlink": "l", "character": "c", "block": "b", "fifo": "p", "file": "-"}


class FileTree(Lines):
    """The files that the chosen layers show, as a tree; each line says what changed and how much it takes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "flip", "Fold"),
        Binding("ctrl+@,ctrl+space,asterisk", "toggle_all", "Fold all", show=False),
        Binding("right,l", "unfold", "Unfold", show=False),
        Binding("left,h", "fold", "Fold", show=False),
        Binding("ctrl+a,a", "show('ADDED')", "Added"),
        Binding("ctrl+r,r", "show('REMOVED')", "Removed"),
        Binding("m", "show('MODIFIED')", "Modified"),
        Binding("ctrl+u,u", "show('UNMODIFIED')", "Unmodified"),
        Binding("w", "hidden_only", "Wasted only"),
        Binding("ctrl+b,b", "attributes", "Attributes", show=False),
        Binding("ctrl+o,o", "order", "Sort", show=True),
    ]

    class Filtered(Message):
        """What is shown was changed by a key."""

    def __init__(self, rows: Rows, *, id: str) -> None:
        super().__init__(id=id)
        self.model = rows
        self.attributes = True

    @property
    def place(self) -> int | None:
        """The node under the cursor."""
        return self.model.rows[self.cursor][0] if self.cursor < len(self.model.rows) else None

    def row_count(self) -> int:
        """See `Lines`."""
        return len(self.model.rows)

    def row_text(self, row: int, width: int) -> Text:
        """See `Lines`."""
        place, depth = self.model.rows[row]
        compared = self.model.comparison
        node, change = compared.paths.nodes[place], compared.change[place]
        style = _STYLES[change]
        directory = compared.directory[place]
        text = Text(no_wrap=True)
        text.append(f"{SIGNS[change]} ", style.split(" ")[0])
        if self.attributes:
            text.append(f"{self._attributes(place):<21} ", "dim")
        text.append(f"{size(compared.size_bytes[place]):>8}  ", "bold" if directory else "")
        text.append("  " * depth, "dim")
        fold = ("▾ " if self.model.is_open(place) else "▸ ") if directory and node.children else "  "
        text.append(fold, "dim")
        text.append(
            safe(node.name).replace("\n", "\\n").replace("\t", "\\t"), style + (" bold" if directory else "")
        )
        event = node.at(compared.upper) or node.at(compared.lower)
        if event is not None and event.kind == "symlink":
            facts = node.facts
            text.append(f" → {safe(facts.link)}" if facts is not None and facts.link else " →", "dim")
        if compared.hidden_by[place]:
            text.append(f"  ⊘ layer {compared.hidden_by[place]}", "yellow")
        return text

    def _attributes(self, place: int) -> str:
        compared = self.model.comparison
        layer = compared.upper if compared.change[place] is not Change.REMOVED else compared.lower
        facts = compared.paths.facts(place, layer)
        if facts is None:
            return "d" if compared.directory[place] else ""
        return f"{mode_text(facts.kind, facts.mode)} {f'{facts.uid}:{facts.gid}':>10}"

    def action_flip(self) -> None:
        """Open or close a directory."""
        if self.row_count() and self.model.toggle(self.cursor):
            self.reload()

    def action_toggle_all(self) -> None:
        """Open or close all."""
        place = self.place
        self.model.toggle_all()
        row = next((row for row, (found, _) in enumerate(self.model.rows) if found == place), 0)
        self.cursor = row
        self.reload()

    def action_unfold(self) -> None:
        """Open a directory, or go on to the next row."""
        if self.place is None:
            return
        if self.model.comparison.directory[self.place] and not self.model.is_open(self.place):
            self.action_flip()
        else:
            self.action_move(1)

    def action_fold(self) -> None:
        """Close a directory, or go to the one that this is in."""
        if self.place is None:
            return
        if self.model.comparison.directory[self.place] and self.model.is_open(self.place):
            self.action_flip()
        else:
            self.cursor = self.model.parent_row(self.cursor)

    def action_show(self, change: str) -> None:
        """Show a kind of change, or hide it."""
        self.model.filter.changes ^= {Change[change]}
        self._refilter()

    def action_hidden_only(self) -> None:
        """Only what this layer wrote and later ones hide."""
        self.model.filter.hidden_only = not self.model.filter.hidden_only
        self._refilter()

    def action_attributes(self) -> None:
        """Show mode and owner, or not."""
        self.attributes = not self.attributes
        self.refresh()

    def action_order(self) -> None:
        """Sort by size or by name."""
        self.model.sort = "name" if self.model.sort == "size" else "size"
        self.model.rebuild()
        self.reload()
        self.post_message(self.Filtered())

    def refilter(self) -> None:
        """The filter was changed from outside; the node under the cursor stays, where it is still shown."""
        place = self.place
        self.model.refilter()
        self._stay(place)

    def compare(self, comparison: Comparison) -> None:
        """Show other layers; the node under the cursor stays, where it is still shown."""
        place = self.place
        self.model.compare(comparison)
        self._stay(place)

    def go_to(self, place: int) -> bool:
        """Put the cursor on a node; False where the filter leaves it out."""
        row = self.model.reveal(place)
        if row is not None:
            self.reload()
            self.cursor = row
        return row is not None

    def _refilter(self) -> None:
        self.refilter()
        self.post_message(self.Filtered())

    def _stay(self, place: int | None) -> None:
        row = next((row for row, (found, _) in enumerate(self.model.rows) if found == place), None)
        self.cursor = row if row is not None else min(self.cursor, max(0, len(self.model.rows) - 1))
        self.reload()


def mode_text(kind: str, mode: int) -> str:
    """`-rw-r--r--`, as ls shows it."""
    text = _KINDS.get(kind, "?")
    for shift, special, mark in ((6, 0o4000, "s"), (3, 0o2000, "s"), (0, 0o1000, "t")):
        bits = mode >> shift & 7
        run = ("x" if bits & 1 else "-") if not mode & special else (mark if bits & 1 else mark.upper())
        text += ("r" if bits & 4 else "-") + ("w" if bits & 2 else "-") + run
    return text
