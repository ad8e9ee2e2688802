"""The page of keys. The same table stands in the guide, and a test holds both against each other."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS: tuple[tuple[str, str], ...] = (
    ("Tab", "between the layers and the right side"),
    ("1 … 5", "files, packages, waste, classes, what if"),
    ("↑ ↓ k j, PgUp PgDn, Home End g G", "move"),
    ("Enter", "fold a directory, view a file, follow a link, go from a table's row to its files"),
    ("Space", "fold or unfold a directory"),
    ("Ctrl+Space, *", "fold or unfold all directories"),
    ("← → h l", "fold, unfold, go to the directory above"),
    ("Ctrl+L", "changes of this layer"),
    ("Ctrl+A (layers)", "changes of all layers above the lowest"),
    ("Ctrl+A, a (files)", "show or hide what was added"),
    ("Ctrl+R, r", "show or hide what was removed"),
    ("m", "show or hide what was modified (terminals send Ctrl+M as Enter)"),
    ("Ctrl+U, u", "show or hide what was not modified"),
    ("w", "only what this layer wrote and a later one hides"),
    ("Ctrl+B, b", "show or hide mode and owner"),
    ("Ctrl+O, o", "sort files by size or name, a table by its next column"),
    ("Ctrl+F, /", "filter: a regular expression over paths, words in tables"),
    ("Esc", "clear the filter, close a page"),
    ("Ctrl+E, e", "extract a file or directory as this layer shows it"),
    ("x (in a file)", "as text or as bytes"),
    ("?, F1", "this page"),
    ("q, Ctrl+C", "quit"),
)


class KeysScreen(ModalScreen[None]):
    """All keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "dismiss", "Back")]

    def compose(self) -> ComposeResult:
        """The table."""
        text = Text()
        widest = max(len(key) for key, _ in KEYS)
        for key, does in KEYS:
            text.append(f"{key:<{widest}}  ", "bold")
            text.append(f"{does}\n")
        with VerticalScroll(id="keys"):
            yield Static(text)

    def on_mount(self) -> None:
        """A frame with a name."""
        self.query_one("#keys").border_title = "Keys"
