"""What each level of `tare slim` would free, from the planner that slims: nothing is written or run."""

from dataclasses import replace

from tare.api._slim import draft_bytes
from tare.core.events import EventSink, null_sink
from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.tarhead import FILE
from tare.schema.inspect import SlimLevel, SlimLevelStep
from tare.slim.model import Level
from tare.slim.pipeline import SlimOptions, slim_image

LEVELS = tuple(level for level in Level if level is not Level.TRACE)
"""Those that need no run of the image: what a trace would take away only running it tells."""
_NOT_RUN = "only planned; static proof"


def slim_levels(analysis: Analysis, *, on_event: EventSink = null_sink) -> tuple[SlimLevel, ...]:
    """Every one of `LEVELS`, the mildest first, as `tare slim IMAGE --level LEVEL` without an output plans it. The image must
    still be open. Raises `TareError`."""
    options = SlimOptions()
    size_bytes = _bytes_before(analysis)
    with Contents(analysis) as contents:
        return tuple(
            _planned(analysis, contents, replace(options, level=level), size_bytes, on_event)
            for level in LEVELS
        )


def _bytes_before(analysis: Analysis) -> int:
    return sum(entry.size_bytes for scan in analysis.scans for entry in scan.entries if entry.kind is FILE)


def _planned(
    analysis: Analysis, contents: Contents, options: SlimOptions, size_bytes: int, on_event: EventSink
) -> SlimLevel:
    done = slim_image(analysis, contents, options, None, _NOT_RUN, on_event=on_event)
    left = draft_bytes(done.draft)
    steps = tuple(
        SlimLevelStep(one.step, one.level.value, one.removed, one.changed, one.saved_bytes)
        for one in done.plan.outcomes
        if one.removed or one.changed
    )
    freed = size_bytes - left
    return SlimLevel(
        level=options.level.value,
        freed_bytes=freed,
        left_bytes=left,
        added_bytes=sum(step.freed_bytes for step in steps) - freed,
        steps=steps,
        dropped=tuple(name for name, _ in done.dropped),
    )
