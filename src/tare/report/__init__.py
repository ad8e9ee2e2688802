"""Reports as text. A format of a verb is one module with `render(report) -> str` and one line in `registry`."""

from tare.report.registry import formats_of, render

__all__ = ["formats_of", "render"]
