"""A list that draws only the lines on the screen, so that a hundred thousand rows cost what thirty do."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip


class Lines(ScrollView, can_focus=True):
    """Rows of text with a cursor. A subclass says how many there are and how each looks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "go(0)", "First", show=False),
        Binding("end,G", "go(-1)", "Last", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor", "lines--cursor-away"}
    DEFAULT_CSS = """
    Lines { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    Lines > .lines--cursor { background: $accent; color: $text; text-style: bold; }
    Lines > .lines--cursor-away { background: $surface-lighten-2; }
    """
    cursor = reactive(0, always_update=True)

    class Moved(Message):
        """The cursor stands on another row, or the rows are others."""

        def __init__(self, lines: "Lines", row: int) -> None:
            super().__init__()
            self.lines = lines
            self.row = row

        @property
        def control(self) -> "Lines":
            """The list."""
            return self.lines

    class Chosen(Moved):
        """Enter or a second click on a row."""

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row_text(self, row: int, width: int) -> Text:
        """A row; longer than `width` is cut."""
        raise NotImplementedError

    def reload(self) -> None:
        """The rows changed: the cursor stays within them."""
        self.virtual_size = Size(self.size.width, self.row_count())
        self.cursor = max(0, min(self.cursor, self.row_count() - 1))
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """The lines are as wide as the widget."""
        self.virtual_size = Size(event.size.width, self.row_count())
        self.call_after_refresh(self._keep_in_sight)

    def _keep_in_sight(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)

    def watch_cursor(self, cursor: int) -> None:
        """Keep it in sight and tell."""
        if not self.is_mounted:
            return
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved(self, cursor))

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        row = y + self.scroll_offset.y
        base = self.rich_style
        if row >= self.row_count():
            return Strip.blank(self.size.width, base)
        text = self.row_text(row, width)
        text.truncate(width, overflow="ellipsis", pad=True)
        over = Style()
        if row == self.cursor:
            name = "lines--cursor" if self.has_focus else "lines--cursor-away"
            found = self.get_component_rich_style(name)
            over = Style(
                bgcolor=found.bgcolor, color=found.color if self.has_focus else None, bold=self.has_focus
            )
        segments = [
            Segment(part.text, base + (part.style or Style()) + over)
            for part in text.render(self.app.console)
            if not part.control
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def action_move(self, by: int) -> None:
        """Some rows up or down."""
        if self.row_count():
            self.cursor = max(0, min(self.row_count() - 1, self.cursor + by))

    def action_page(self, by: int) -> None:
        """A screen up or down."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_go(self, row: int) -> None:
        """The first row, or the last (-1)."""
        self.cursor = row if row >= 0 else max(0, self.row_count() - 1)

    def action_choose(self) -> None:
        """Open what the cursor stands on."""
        if self.row_count():
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """The first click moves the cursor, a click on it opens."""
        row = event.y + self.scroll_offset.y
        if row < self.row_count():
            if row == self.cursor:
                self.action_choose()
            else:
                self.cursor = row

    def on_focus(self) -> None:
        """The cursor looks different."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor looks different."""
        self.refresh()
