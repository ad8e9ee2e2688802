"""Progress on stderr: one line a step; on a terminal the last detail line is shown and overwritten."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tare.core.events import Event, EventSink
from tare.report.units import duration, safe

COLUMNS = 100


@contextmanager
def progress(quiet: bool) -> Iterator[EventSink]:
    """A sink for events; silent when `quiet`, except for warnings."""
    started = time.monotonic()
    terminal = sys.stderr.isatty()
    pending = False

    def show(event: Event) -> None:
        nonlocal pending
        if quiet and event.level != "warning":
            return
        if event.level == "detail" and not terminal:
            return
        clock = f"[{duration(time.monotonic() - started):>11}]"
        text = safe(event.message).replace("\n", " ")
        if event.level == "detail":
            sys.stderr.write(f"\r\033[K{clock}     {text[: COLUMNS - 20]}")
            pending = True
        else:
            lead = {"stage": "▶ ", "warning": "! "}.get(event.level, "  ")
            sys.stderr.write(("\r\033[K" if pending else "") + f"{clock} {lead}{text[:300]}\n")
            pending = False
        sys.stderr.flush()

    try:
        yield show
    finally:
        if pending:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
