"""How long the views take from the finished analysis: the terminal's first paint and its keys, and the HTML page.

    python benchmarks/inspect/views.py ARCHIVE [RESULTS.json]

ARCHIVE is one that `image.py` builds. Wall and CPU seconds of one process, with a screen of 150 by 44 that no terminal shows.
"""

import asyncio
import gc
import json
import os
import sys
import time
from pathlib import Path

from tare.image import analyse, open_image
from tare.image.analysis import Analysis
from tare.inspect.assemble import make_report
from tare.inspect.survey import survey
from tare.report.registry import render_page
from tare.tui.app import InspectApp
from tare.tui.run import ImageReader


class Clock:
    """Wall and CPU seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Both, rounded to a millisecond."""
        return {
            "wall_s": round(time.perf_counter() - self._wall, 3),
            "cpu_s": round(time.process_time() - self._cpu, 3),
        }


async def measure(analysis: Analysis) -> dict[str, object]:
    """The report, the first paint, and keys that touch every entry."""
    clock = Clock()
    report = make_report(survey(analysis), files=True, changes=True)
    found: dict[str, object] = {"entries": report.entries, "report": clock.read()}
    clock = Clock()
    text = render_page(report)
    found["html"] = clock.read() | {"bytes": len(text.encode())}
    clock = Clock()
    gc.freeze()  # as tare.tui.run does
    app = InspectApp(report, ImageReader(analysis))
    async with app.run_test(size=(150, 44)) as pilot:
        await pilot.pause()
        found["first_paint"] = clock.read()
        found["names"] = len(app.paths.nodes)
        for name, keys in (
            ("another_layer", ("up",)),
            ("unfold_all", ("tab", "asterisk")),
            ("last_row", ("end",)),
            ("only_changes", ("u",)),
            ("sort", ("ctrl+o",)),
        ):
            clock = Clock()
            await pilot.press(*keys)
            await pilot.pause(0.07 if name == "another_layer" else None)
            found[name] = clock.read() | {"rows": len(app.rows.rows)}
    return found


def main() -> None:
    """Measure and print."""
    with open_image(sys.argv[1]) as image:
        clock = Clock()
        analysis = analyse(image)
        analysed = clock.read()
        found = {
            "load_average": round(os.getloadavg()[0], 1),
            "cores": os.cpu_count(),
            "analysis": analysed,
        } | asyncio.run(measure(analysis))
    text = json.dumps(found, indent=1)
    print(text)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(text + "\n")


if __name__ == "__main__":
    main()
