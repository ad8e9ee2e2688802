"""Slimming of an image that an engine has just built: what `tare optimize --slim LEVEL` does after the Dockerfile."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from tare.build.engine import Engine
from tare.core.events import EventSink
from tare.image import analyse, open_image
from tare.image.contents import Contents
from tare.slim.model import Level
from tare.slim.pipeline import SlimOptions, slim_image
from tare.slim.running import load
from tare.verify import VerifySettings


def slim_built(
    engine: Engine,
    name: str,
    level: str,
    settings: VerifySettings,
    environ: Mapping[str, str],
    on_event: EventSink,
) -> tuple[str, ...]:
    """Replace the engine's image `name` by a slim one that was verified against it; returns what is to be said about it.

    Raises `VerificationError` when the image fails even untouched; then `name` stays as it was.
    """
    options = SlimOptions(level=Level(level), verify=settings, environ=environ)
    with tempfile.TemporaryDirectory(prefix="tare-image-") as directory:
        archive = Path(directory, "image.tar")
        engine.export(name, archive)
        with open_image(f"docker-archive:{archive}") as image:
            analysis = analyse(image, sample=False, on_event=on_event)
            with Contents(analysis) as contents:
                done = slim_image(analysis, contents, options, engine, on_event=on_event)
                load(engine, done.draft, contents, name, environ)
    saved = sum(outcome.saved_bytes for outcome in done.plan.outcomes)
    steps = ", ".join(outcome.step for outcome in done.plan.outcomes if outcome.saved_bytes)
    said = [
        f"slim {level} took {saved / 1e6:.0f} MB more out of the built image ({steps}); verified: {done.verified}"
    ]
    return (*said, *done.notes)
