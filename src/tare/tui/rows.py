"""The rows of the tree of files as they stand on the screen: what is open, how it is sorted, what is filtered."""

from typing import Literal

from tare.tui.paths import Comparison, Filter, shown

Sort = Literal["size", "name"]


class Rows:
    """Rows are (place of the node, depth). Only what is open costs anything when it changes."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.filter = Filter()
        self.sort: Sort = "size"
        self.rows: list[tuple[int, int]] = []
        self._open: set[int] = set()
        self._closed: set[int] = set()
        self._shown: list[bool] = []
        self.refilter()

    def compare(self, comparison: Comparison) -> None:
        """Show other layers; what is open stays open."""
        self.comparison = comparison
        self.refilter()

    def refilter(self) -> None:
        """The filter changed."""
        self._shown = shown(self.comparison, self.filter)
        self._closed.clear()
        self.rebuild()

    def is_open(self, place: int) -> bool:
        """Whether a directory shows what is in it. Where matches are few, all are open until closed."""
        return place not in self._closed if self.filter.narrows else place in self._open

    def children(self, place: int) -> list[int]:
        """The shown children in the order of the screen."""
        nodes = self.comparison.paths.nodes
        found = [child for child in nodes[place].children.values() if self._shown[child]]
        sizes = self.comparison.size_bytes
        if self.sort == "size":
            found.sort(key=lambda child: (-sizes[child], nodes[child].name))
        else:
            found.sort(key=lambda child: nodes[child].name)
        return found

    def rebuild(self) -> None:
        """All rows anew."""
        self.rows = self._beneath(0, 0)

    def toggle(self, row: int) -> bool:
        """Open or close the directory in a row; False where it is none."""
        place, depth = self.rows[row]
        if not self.comparison.directory[place]:
            return False
        if self.is_open(place):
            self._close(place)
            end = row + 1
            while end < len(self.rows) and self.rows[end][1] > depth:
                end += 1
            del self.rows[row + 1 : end]
        else:
            self._closed.discard(place)
            self._open.add(place)
            self.rows[row + 1 : row + 1] = self._beneath(place, depth + 1)
        return True

    def toggle_all(self) -> None:
        """Close all if anything is open, else open all."""
        directories = {place for place, is_one in enumerate(self.comparison.directory) if is_one}
        if any(self.is_open(place) for place, _ in self.rows if self.comparison.directory[place]):
            self._open.clear()
            self._closed = directories
        else:
            self._open = directories
            self._closed = set()
        self.rebuild()

    def reveal(self, place: int) -> int | None:
        """Open the way to a node; its row, or None where the filter leaves it out."""
        if not self._shown[place]:
            return None
        at = self.comparison.paths.nodes[place].parent
        while at > 0:
            self._open.add(at)
            self._closed.discard(at)
            at = self.comparison.paths.nodes[at].parent
        self.rebuild()
        return next((row for row, (found, _) in enumerate(self.rows) if found == place), None)

    def parent_row(self, row: int) -> int:
        """The row of the directory that a row is in; the row itself at the top."""
        depth = self.rows[row][1]
        at = row
        while at > 0 and self.rows[at][1] >= depth and depth:
            at -= 1
        return at if depth else row

    def _close(self, place: int) -> None:
        self._open.discard(place)
        self._closed.add(place)

    def _beneath(self, place: int, depth: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        stack = [(child, depth) for child in reversed(self.children(place))]
        while stack:
            at, level = stack.pop()
            found.append((at, level))
            if self.comparison.directory[at] and self.is_open(at):
                stack.extend((child, level + 1) for child in reversed(self.children(at)))
        return found
