"""`tare diff` as a function."""

from collections.abc import Mapping
from contextlib import ExitStack

from tare.core.events import Event, EventSink, null_sink
from tare.image import Image, analyse, open_image
from tare.image.access import Access
from tare.image.layer_cache import LayerCache
from tare.image.scan import LayerScan
from tare.inspect.differ import make_diff
from tare.inspect.survey import survey
from tare.schema.diff import DiffReport


def diff(
    before: str,
    after: str,
    *,
    platform: str | None = None,
    docker_host: str | None = None,
    access: Access | None = None,
    cache: LayerCache | None = None,
    on_event: EventSink = null_sink,
) -> DiffReport:
    """What changed from one image to another: layers, files, packages, configuration, sizes, waste.

    A layer that both images have is read once, and not at all where `cache` knows it. `access` is as for
    `open_image`. Raises `TareError`.
    """
    with ExitStack() as stack:

        def opened(name: str) -> Image:
            on_event(Event("stage", f"Reading {name}"))
            return stack.enter_context(
                open_image(name, platform=platform, docker_host=docker_host, access=access, on_event=on_event)
            )

        old, new = opened(before), opened(after)
        first = analyse(old, cache=cache, on_event=on_event)
        known: Mapping[tuple[str, str], LayerScan] = {
            (layer.diff_id, layer.digest): scan for layer, scan in zip(old.layers, first.scans, strict=True)
        }
        second = analyse(new, cache=cache, known=known, on_event=on_event)
        shared = sum((layer.diff_id, layer.digest) in known for layer in new.layers)
        return make_diff(survey(first), survey(second), len(old.layers), len(new.layers) - shared)
