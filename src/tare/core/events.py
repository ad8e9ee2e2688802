"""Progress as a stream of events: the pure parts report, the rim (terminal, log) shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Level = Literal["stage", "step", "detail", "warning"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `stage` opens a phase, `step` a part of it, `detail` is a log line."""

    level: Level
    message: str


EventSink = Callable[[Event], None]


def null_sink(_: Event) -> None:
    """Swallow an event."""
