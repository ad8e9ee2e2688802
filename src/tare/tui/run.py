"""From an analysed image to the screen."""

import gc
from pathlib import Path

from tare.core.errors import ImageError
from tare.image.analysis import Analysis
from tare.image.versions import Version, Versions
from tare.schema.inspect import InspectReport
from tare.tui.app import InspectApp


class ImageReader:
    """Contents of an open image, for the screen."""

    def __init__(self, analysis: Analysis) -> None:
        self._versions = Versions(analysis)

    def read(self, path: str, layer: int, limit: int) -> bytes:
        """See `tare.tui.app.Reader`."""
        return self._versions.read(self._find(path, layer), limit)

    def extract(self, paths: dict[str, str], layer: int, target: Path) -> tuple[int, int]:
        """See `tare.tui.app.Reader`."""
        found = {within: self._versions.find(path, layer - 1) for within, path in paths.items()}
        return self._versions.extract({name: one for name, one in found.items() if one is not None}, target)

    def _find(self, path: str, layer: int) -> Version:
        found = self._versions.find(path, layer - 1)
        if found is None:
            raise ImageError(f"{path!r} is named through a link and cannot be read by this name")
        return found


def show(report: InspectReport, analysis: Analysis) -> None:
    """Show a report with `files` and `changes` until the user quits."""
    gc.freeze()  # all of it lives as long as the screen does: looking through it again only makes people wait
    InspectApp(report, ImageReader(analysis)).run()
