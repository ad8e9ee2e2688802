"""The tables beside the tree: packages, waste, classes, what-if."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tare.report.text.inspect import CAUSES
from tare.report.units import safe, size
from tare.schema.inspect import InspectReport, Remedy
from tare.schema.quantity import Quantity
from tare.tui.lines import Lines


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width (0: what is left), whether it holds numbers."""

    head: str
    width: int
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells as text, what they are sorted by, and what the row stands for."""

    cells: tuple[str, ...]
    keys: tuple[float | str, ...]
    subject: object


Make = Callable[[], Sequence[Row]]


class TableLines(Lines):
    """The rows of a table, made when they are first looked at."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+o,o", "order", "Sort")]

    def __init__(self, columns: Sequence[Column], make: Make, sort: int) -> None:
        super().__init__()
        self.columns = columns
        self._make = make
        self._all: Sequence[Row] | None = None
        self._rows: list[Row] | None = None
        self._words: list[str] = []
        self.sort = sort

    @property
    def rows(self) -> list[Row]:
        """Those that fit, in their order."""
        if self._all is None:
            self._all = self._make()
        if self._rows is None:
            self._rows = self._arranged(self._all)
        return self._rows

    def row_count(self) -> int:
        """See `Lines`."""
        return len(self.rows)

    def row_text(self, row: int, width: int) -> Text:
        """See `Lines`."""
        return self._line(self.rows[row].cells, width)

    def head(self, width: int) -> Text:
        """The heads of the columns, the sorted one marked."""
        names = [f"{one.head}{'▾' if place == self.sort else ''}" for place, one in enumerate(self.columns)]
        text = self._line(names, width)
        text.stylize("dim")
        return text

    def narrow(self, words: Sequence[str]) -> None:
        """Only rows that have all these words (lower case) in them."""
        if self._words == list(words):
            return
        self._words = list(words)
        self._rows = None
        self.cursor = 0
        if self._all is not None:
            self.reload()

    def action_order(self) -> None:
        """Sort by the next column."""
        self.sort = (self.sort + 1) % len(self.columns)
        self._rows = None
        self.cursor = 0
        self.reload()
        self._heads()

    def on_resize(self, event: events.Resize) -> None:
        """The heads stand above, as wide as the rows."""
        super().on_resize(event)
        self.call_after_refresh(self._heads)

    def _heads(self) -> None:
        if self.parent is not None:
            self.parent.query_one(".head", Static).update(self.head(self.scrollable_content_region.width))

    def _arranged(self, rows: Sequence[Row]) -> list[Row]:
        fitting = [row for row in rows if all(w in "\0".join(row.cells).lower() for w in self._words)]
        fitting.sort(key=lambda row: row.keys[self.sort], reverse=self.columns[self.sort].numeric)
        return fitting

    def _line(self, cells: Sequence[str], width: int) -> Text:
        left = width - sum(column.width + 2 for column in self.columns if column.width)
        text = Text(no_wrap=True)
        for column, cell in zip(self.columns, cells, strict=True):
            room = column.width or max(10, left - 2)
            short = cell if len(cell) <= room else cell[: room - 1] + "…"
            text.append(f"{short:>{room}}  " if column.numeric else f"{short:<{room}}  ")
        return text


class Table(Vertical):
    """A table with its heads."""

    def __init__(self, columns: Sequence[Column], make: Make, *, id: str, sort: int = 0) -> None:
        super().__init__(id=id)
        self.lines = TableLines(columns, make, sort)

    def compose(self) -> ComposeResult:
        """Heads, then rows."""
        yield Static(classes="head")
        yield self.lines


def packages(report: InspectReport) -> Table:
    """Installed packages, the largest first."""
    columns = (
        Column("package", 0),
        Column("manager", 7),
        Column("version", 13),
        Column("files", 5, True),
        Column("size", 8, True),
        Column("pull", 9, True),
        Column("could go", 8, True),
    )

    def rows() -> list[Row]:
        return [
            Row(
                (
                    safe(item.name),
                    item.manager,
                    safe(item.version),
                    str(item.files),
                    size(item.size_bytes),
                    _pull(item.compressed_bytes),
                    size(item.freeable_bytes) if item.freeable_bytes else "",
                ),
                (
                    item.name.lower(),
                    item.manager,
                    item.version,
                    item.files,
                    item.size_bytes,
                    item.compressed_bytes.value or 0,
                    item.freeable_bytes,
                ),
                item,
            )
            for item in report.packages
        ]

    return Table(columns, rows, id="packages", sort=4)


def waste(report: InspectReport) -> Table:
    """Hidden content by cause and layers, then content that is there more than once."""
    columns = (
        Column("cause", 22),
        Column("from", 4, True),
        Column("hidden", 6, True),
        Column("files", 6, True),
        Column("size", 8, True),
        Column("what helps", 0),
    )

    def rows() -> list[Row]:
        found = [
            Row(
                (
                    CAUSES.get(item.cause, item.cause),
                    str(item.written_in),
                    str(item.hidden_in),
                    str(item.files),
                    size(item.size_bytes),
                    f"{remedy_text(item.remedy)}  {safe(item.paths[0]) if item.paths else ''}",
                ),
                (item.cause, item.written_in, item.hidden_in, item.files, item.size_bytes, item.remedy.title),
                item,
            )
            for item in report.waste.items
        ]
        found += [
            Row(
                (
                    "duplicate",
                    str(item.layers[0]),
                    "",
                    str(len(item.paths)),
                    size(item.wasted_bytes),
                    "  =  ".join(safe(path) for path in item.paths[:2]),
                ),
                ("duplicate", item.layers[0], 0, len(item.paths), item.wasted_bytes, item.paths[0]),
                item,
            )
            for item in report.waste.duplicates[:2000]
        ]
        return found

    return Table(columns, rows, id="waste", sort=4)


def classes(report: InspectReport) -> Table:
    """Visible bytes by class."""
    columns = (
        Column("class", 0),
        Column("files", 7, True),
        Column("size", 8, True),
        Column("pull", 10, True),
    )

    def rows() -> list[Row]:
        return [
            Row(
                (item.name, str(item.files), size(item.size_bytes), _pull(item.compressed_bytes)),
                (item.name, item.files, item.size_bytes, item.compressed_bytes.value or 0),
                item,
            )
            for item in report.classes
        ]

    return Table(columns, rows, id="classes", sort=2)


def what_if(report: InspectReport) -> Table:
    """What each remedy would free."""
    columns = (
        Column("what", 34),
        Column("files", 6, True),
        Column("disk", 8, True),
        Column("pull", 10, True),
        Column("remedy", 0),
    )

    def rows() -> list[Row]:
        return [
            Row(
                (
                    f"{item.kind}: {safe(item.name)}",
                    str(item.files),
                    size(item.size_bytes),
                    _pull(item.compressed_bytes),
                    remedy_text(item.remedy),
                ),
                (item.name, item.files, item.size_bytes, item.compressed_bytes.value or 0, item.remedy.title),
                item,
            )
            for item in report.what_if.items
        ]

    return Table(columns, rows, id="what-if", sort=2)


def _pull(quantity: Quantity) -> str:
    if quantity.value is None:
        return "unknown"
    return size(quantity.value) if quantity.basis == "measured" else f"≈ {size(quantity.value)}"


def remedy_text(remedy: Remedy) -> str:
    """A remedy with the names of what does it."""
    names = [
        remedy.code,
        remedy.transform and f"optimize: {remedy.transform}",
        remedy.slim_step and f"slim: {remedy.slim_step}",
    ]
    shown = ", ".join(safe(name) for name in names if name)
    return f"{safe(remedy.title)} ({shown})" if shown else safe(remedy.title)
