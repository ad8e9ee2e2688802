"""What is in a file: as text, or as bytes."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from tare.report.units import safe, size
from tare.tui.lines import Lines

LIMIT_BYTES = 4 << 20
_ROW = 16


class Content(Lines):
    """The lines of a file, or its bytes sixteen a row."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content
        self.hex = looks_binary(content)
        self._lines = content.decode("utf-8", "replace").split("\n")
        if self._lines[-1] == "":
            self._lines.pop()

    def row_count(self) -> int:
        """See `Lines`."""
        return -(-len(self.content) // _ROW) if self.hex else len(self._lines)

    def row_text(self, row: int, width: int) -> Text:
        """See `Lines`."""
        if self.hex:
            part = self.content[row * _ROW : (row + 1) * _ROW]
            halves = (part[:8].hex(" "), part[8:].hex(" "))
            shown = "".join(chr(one) if 32 <= one < 127 else "·" for one in part)
            text = Text(no_wrap=True)
            text.append(f"{row * _ROW:08x}  ", "dim")
            text.append(f"{halves[0]:<23}  {halves[1]:<23}  ")
            text.append(shown, "cyan")
            return text
        text = Text(no_wrap=True)
        text.append(f"{row + 1:>6}  ", "dim")
        text.append(safe(self._lines[row][: width * 4].rstrip("\r").expandtabs(4)))
        return text

    def switch(self) -> None:
        """From text to bytes or back."""
        self.hex = not self.hex
        self.cursor = 0
        self.reload()


class Viewer(ModalScreen[None]):
    """A file on a screen of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back"),
        Binding("x", "switch", "Text or bytes"),
    ]

    def __init__(self, path: str, size_bytes: int, content: bytes) -> None:
        super().__init__()
        self._path = path
        self._size_bytes = size_bytes
        self.content = Content(content)

    def compose(self) -> ComposeResult:
        """The name, the content, the keys."""
        yield Static(self._title(), id="viewer-title")
        yield self.content
        yield Footer()

    def on_mount(self) -> None:
        """Keys go to the content."""
        self.content.focus()

    def action_switch(self) -> None:
        """From text to bytes or back."""
        self.content.switch()
        self.query_one("#viewer-title", Static).update(self._title())

    def _title(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f" /{safe(self._path)} ", "bold")
        shown = len(self.content.content)
        part = "" if shown >= self._size_bytes else f", the first {size(shown)}"
        text.append(f" {size(self._size_bytes)}{part}, as {'bytes' if self.content.hex else 'text'}", "dim")
        return text


def looks_binary(content: bytes) -> bool:
    """Whether it is no text: a zero byte, or no UTF-8, in its first 8 kB."""
    start = content[:8192]
    if b"\0" in start:
        return True
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return not (error.reason == "unexpected end of data" and len(content) > len(start))
    return False
