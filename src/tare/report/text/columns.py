"""Lines of a fixed width: text cut to columns as terminals count them, with names from images made harmless."""

from rich.cells import cell_len, set_cell_size

from tare.report.units import safe

WIDTH = 80


def one_line(text: str) -> str:
    """Text without control characters, all white space single blanks."""
    return " ".join(safe(text).split())


def cut(text: str, width: int) -> str:
    """Text of at most `width` columns; an ellipsis stands for what is cut off at the end."""
    line = one_line(text)
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, max(0, width - 1)).rstrip() + "…"


def cut_middle(text: str, width: int) -> str:
    """A path of at most `width` columns; its end matters more than its middle."""
    line = one_line(text)
    if cell_len(line) <= width:
        return line
    tail = line
    room = max(0, width - 1 - width // 3)
    while cell_len(tail) > room:
        tail = tail[1:]
    return set_cell_size(line, width - 1 - cell_len(tail)).rstrip() + "…" + tail


def padded(text: str, width: int) -> str:
    """Text in a column of exactly `width`."""
    line = cut(text, width)
    return line + " " * (width - cell_len(line))
