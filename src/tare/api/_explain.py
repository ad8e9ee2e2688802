"""`tare explain` as a function."""

from pathlib import Path

from tare.api._inspect import read_dockerfile, split_base
from tare.core.events import Event, EventSink, null_sink
from tare.image import analyse, open_image
from tare.image.access import Access
from tare.image.contents import Contents
from tare.image.layer_cache import LayerCache
from tare.inspect.explain import explain_path
from tare.inspect.lines import align
from tare.inspect.survey import survey
from tare.schema.explain import ExplainReport
from tare.slim.view import ImageFiles


def explain(
    reference: str,
    path: str,
    *,
    platform: str | None = None,
    docker_host: str | None = None,
    access: Access | None = None,
    dockerfile: Path | None = None,
    cache: LayerCache | None = None,
    on_event: EventSink = null_sink,
) -> ExplainReport:
    """Who brought a path of an image, who needs it, and what removing it would free. Raises `TareError`, also where no
    layer ever held the path. `access` is as for `open_image`."""
    parsed = read_dockerfile(dockerfile)
    on_event(Event("stage", f"Reading {reference}"))
    with open_image(
        reference, platform=platform, docker_host=docker_host, access=access, on_event=on_event
    ) as image:
        lines = align(parsed, image.config.history) if parsed is not None else None
        split = split_base(image, None, lines)
        analysis = analyse(image, cache=cache, on_event=on_event)
        found = survey(analysis)
        with Contents(analysis) as contents:
            on_event(Event("detail", f"Looking for what needs {path}"))
            return explain_path(
                found,
                ImageFiles(analysis, contents),
                path,
                base_layers=split.layers if split is not None else None,
                lines=lines.lines if lines is not None else None,
            )
