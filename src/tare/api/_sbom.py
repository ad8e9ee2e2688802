"""`tare sbom` as a function."""

import hashlib
import time
from collections.abc import Mapping

from tare import __version__
from tare.api._scan import os_release
from tare.core.errors import UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.image import analyse, open_image
from tare.image.contents import Contents
from tare.security.native import bundled
from tare.security.sbom import cyclonedx, make_bill, spdx

FORMATS = {"cyclonedx": cyclonedx.render, "spdx": spdx.render}


def sbom(
    reference: str,
    format_: str = "cyclonedx",
    *,
    platform: str | None = None,
    environ: Mapping[str, str],
    on_event: EventSink = null_sink,
) -> str:
    """The bill of materials of an image as a document. The time is SOURCE_DATE_EPOCH's, or the image's own, so that the
    same image gives the same document. Raises `ImageError`, `UsageError`."""
    if format_ not in FORMATS:
        raise UsageError(f"there is no format {format_}", hint=f"one of {', '.join(FORMATS)}")
    on_event(Event("stage", f"reading {reference}"))
    with open_image(
        reference, platform=platform, docker_host=environ.get("DOCKER_HOST"), on_event=on_event
    ) as image:
        analysis = analyse(image, sample=False, on_event=on_event)
        with Contents(analysis) as contents:
            release = os_release(analysis, contents)
            libraries = bundled(analysis, contents)
        digest = "sha256:" + hashlib.sha256(image.source.config()).hexdigest()
        bill = make_bill(
            analysis, release, digest, _created(image.config.created, environ), __version__, libraries
        )
    return FORMATS[format_](bill)


def _created(image_time: str, environ: Mapping[str, str]) -> str:
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(epoch)))
    moment = image_time.partition(".")[0].removesuffix("Z")
    return f"{moment}Z" if len(moment) == len("2026-01-01T00:00:00") else "1970-01-01T00:00:00Z"
