"""The pane of layers."""

from rich.text import Text

from tare.report.units import safe, size
from tare.schema.inspect import InspectLayer, InspectReport
from tare.tui.lines import Lines

_BAR = 8


class LayersPane(Lines):
    """Layers from the lowest up: number, a bar of what is visible and what is hidden, size, instruction."""

    def __init__(self, report: InspectReport, *, id: str) -> None:
        super().__init__(id=id)
        self._layers = report.layers
        self._widest = max((layer.size_bytes for layer in report.layers), default=0)

    def row_count(self) -> int:
        """See `Lines`."""
        return len(self._layers)

    def row_text(self, row: int, width: int) -> Text:
        """See `Lines`."""
        layer = self._layers[row]
        text = Text(no_wrap=True)
        text.append(f"{layer.number:>3} ", "dim")
        text.append_text(self._bar(layer))
        text.append(f" {size(layer.size_bytes):>8} ", "bold")
        mark = "base " if layer.base else ""
        text.append(mark, "dim italic")
        text.append(" ".join(safe(layer.instruction).split()) or "instruction not known")
        return text

    def _bar(self, layer: InspectLayer) -> Text:
        whole = round(layer.size_bytes / self._widest * _BAR) if self._widest else 0
        if layer.size_bytes and not whole:
            whole = 1
        hidden = round(layer.hidden_bytes / layer.size_bytes * whole) if layer.size_bytes else 0
        text = Text("█" * (whole - hidden), "cyan")
        text.append("▒" * hidden, "yellow")
        text.append("·" * (_BAR - whole), "dim")
        return text
