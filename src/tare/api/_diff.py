"""`tare diff` as a function."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tare.api._inspect import read_dockerfile
from tare.core.events import Event, EventSink, null_sink
from tare.image import Image, analyse, open_image
from tare.image.access import Access
from tare.image.layer_cache import LayerCache
from tare.image.scan import LayerScan
from tare.inspect.differ import make_diff
from tare.inspect.lines import align
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
    dockerfile_before: Path | None = None,
    dockerfile_after: Path | None = None,
    database: Path | None = None,
    on_event: EventSink = null_sink,
) -> DiffReport:
    """What changed from one image to another: layers, instructions, files, packages, configuration, sizes, waste.

    A layer that both images have is read once, and not at all where `cache` knows it. `access` is as for
    `open_image`. With the Dockerfiles that they were built from instructions have lines. With an advisory `database` the
    vulnerabilities are compared, too. Raises `TareError`.
    """
    parsed = read_dockerfile(dockerfile_before), read_dockerfile(dockerfile_after)
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
        lines, notes = [], []
        for image, text, path in ((old, parsed[0], dockerfile_before), (new, parsed[1], dockerfile_after)):
            found = align(text, image.config.history) if text is not None else None
            lines.append(found.lines if found is not None else {})
            if found is not None and not found.fits:
                notes.append(f"{path} does not fit the history of {image.reference}; no lines are given")
        report = make_diff(
            survey(first),
            survey(second),
            len(old.layers),
            len(new.layers) - shared,
            lines_before=lines[0],
            lines_after=lines[1],
        )
        if database is not None:
            from tare.api.diff_vulnerabilities import compare_vulnerabilities  # not loaded where nobody asks

            report = replace(report, vulnerabilities=compare_vulnerabilities(first, second, database))
        return replace(report, notes=(*notes, *report.notes))
