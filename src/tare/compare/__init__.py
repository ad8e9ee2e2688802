"""Before and after, side by side: bytes, time and money."""

from tare.compare.table import compare_sides

__all__ = ["compare_sides"]
