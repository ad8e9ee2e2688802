"""`tare inspect` as a function."""

from tare.core.events import Event, EventSink, null_sink
from tare.image import analyse, open_image
from tare.inspect.assemble import make_report
from tare.inspect.base import from_history
from tare.inspect.survey import survey
from tare.schema.inspect import InspectReport, ScoreName


def inspect(
    reference: str,
    *,
    platform: str | None = None,
    docker_host: str | None = None,
    score: ScoreName = "tare",
    files: bool = False,
    changes: bool = False,
    on_event: EventSink = null_sink,
) -> InspectReport:
    """Where the bytes of an image are. `files` and `changes` fill the tables of every entry. Raises `TareError`."""
    on_event(Event("stage", f"Reading {reference}"))
    with open_image(reference, platform=platform, docker_host=docker_host, on_event=on_event) as image:
        found = survey(analyse(image, on_event=on_event))
        return make_report(found, base=from_history(image.config), score=score, files=files, changes=changes)
