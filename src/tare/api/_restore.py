"""`tare restore` as a function."""

from contextlib import ExitStack

from tare import __version__
from tare.core.errors import ImageError
from tare.core.events import Event, EventSink, null_sink
from tare.image import analyse, open_image
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.destination import parse_destination
from tare.image.mutate import Draft, KeptLayer, read_config_json
from tare.image.sources.docker_engine import DEFAULT_HOST
from tare.image.stacked import stacked
from tare.image.tarhead import FILE
from tare.image.write import WriteSettings, write_image
from tare.schema.restore import RestoreReport
from tare.slim.restore import check_pair, fingerprint


def restore(
    reference: str,
    layer: str,
    output: str,
    *,
    compression: Compression,
    docker_host: str | None = None,
    on_event: EventSink = null_sink,
) -> RestoreReport:
    """Put a restore layer on its slim image and write the original's tree and configuration to `output`.

    Raises `ImageError` where the two do not belong together, or where the result would not be the original's tree;
    then nothing is written.
    """
    destination = parse_destination(output)
    with ExitStack() as stack:
        slim, top = (
            stack.enter_context(open_image(name, docker_host=docker_host, on_event=on_event))
            for name in (reference, layer)
        )
        wanted = check_pair(slim, top)
        on_event(Event("stage", f"Putting {layer} on {reference}"))
        image = stack.enter_context(stacked(slim, top, f"{reference} with {layer}"))
        analysis = analyse(image, sample=False, on_event=on_event)
        if fingerprint(analysis) != wanted:
            raise ImageError(
                "the restored tree is not that of the original image",
                where=f"{reference} and {layer}",
                hint="was the slim image changed after tare slim wrote it?",
            )
        contents = stack.enter_context(Contents(analysis))
        config = read_config_json(analysis)
        places = [place for place, step in enumerate(config["history"]) if not step.get("empty_layer")]
        matched = places if len(places) == len(image.layers) else [None] * len(image.layers)
        layers = tuple(KeptLayer(index, place) for index, place in enumerate(matched))
        settings = WriteSettings(compression, docker_host=docker_host or DEFAULT_HOST)
        written = write_image(
            [(Draft(analysis, config, layers), contents)], destination, settings, on_event=on_event
        )
        back = sum(
            entry.size_bytes
            for scan in analysis.scans[len(slim.layers) :]
            for entry in scan.entries
            if entry.kind is FILE
        )
        files = sum(node.children is None for node in analysis.tree.walk())
    return RestoreReport(
        "restore", __version__, reference, layer, files, back, written.destination, written.digest
    )
