"""Which layers came with the base image, and how that is known.

Best evidence first: another image whose layers are the lowest of this one; the Dockerfile; the history. A label may name
the base, but not how many layers it has. In the history a CMD or ENTRYPOINT before the last steps that made
layers is the end of a base image: few builds set a command and go on adding files, all official bases end with one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tare.image.documents import HistoryStep, ImageConfig
from tare.schema.inspect import BaseKnown

BASE_NAME = "org.opencontainers.image.base.name"
_COMMAND = re.compile(r"(?:/bin/sh -c #\(nop\)\s+)?(?:CMD|ENTRYPOINT)\b")


@dataclass(frozen=True, slots=True)
class BaseSplit:
    """The number of layers that came with the base."""

    layers: int
    known_by: BaseKnown
    name: str


def compared(diff_ids: Sequence[str], base_diff_ids: Sequence[str], name: str) -> BaseSplit | None:
    """The split, if the base's layers are the lowest of the image; None where they are not."""
    count = len(base_diff_ids)
    if not count or tuple(diff_ids[:count]) != tuple(base_diff_ids):
        return None
    return BaseSplit(count, "compared", name)


def from_history(config: ImageConfig) -> BaseSplit | None:
    """The split that the history tells; None where it tells nothing."""
    history = config.history
    if sum(not step.empty_layer for step in history) != len(config.diff_ids):
        return None
    end = _end_of_base(history)
    layers = sum(not step.empty_layer for step in history[:end])
    if not layers:
        return None
    return BaseSplit(layers, "history", config.labels.get(BASE_NAME, ""))


def _end_of_base(history: Sequence[HistoryStep]) -> int:
    """The index after the last command that has a layer-making step behind it; 0 where there is none."""
    seen_layer = False
    for place in range(len(history) - 1, -1, -1):
        step = history[place]
        if not step.empty_layer:
            seen_layer = True
        elif seen_layer and _COMMAND.match(step.created_by.strip()):
            return place + 1
    return 0
