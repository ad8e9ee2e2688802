"""What is known of base images, asked once a document, and sizes compared."""

from tare.core.text import Edit
from tare.dockerfile.nodes import Stage
from tare.knowledge.base_model import BaseFacts
from tare.knowledge.bases import base_facts
from tare.rules.document import Document
from tare.rules.shipped import chain_of
from tare.schema.finding import Saving
from tare.schema.quantity import Quantity, estimated, unknown


def facts_by_stage(document: Document) -> tuple[BaseFacts | None, ...]:
    """Facts of the image at the bottom of each stage's chain."""
    return document.once(_facts_by_stage)


def _facts_by_stage(document: Document) -> tuple[BaseFacts | None, ...]:
    known: dict[str, BaseFacts | None] = {}
    rows: list[BaseFacts | None] = []
    for stage in document.stages:
        base = chain_of(document, stage)[-1].base
        if base not in known:
            known[base] = base_facts(base)
        rows.append(known[base])
    return tuple(rows)


def smaller(old: BaseFacts, reference: str) -> Saving | None:
    """What another base image saves against this one; None when it is not known to be smaller."""
    new = base_facts(reference)
    if new is None:
        return None
    compressed = _less(old.compressed, new.compressed)
    uncompressed = _less(old.uncompressed, new.uncompressed)
    return Saving(compressed, uncompressed) if (uncompressed.value or 0) > 0 else None


def _less(old: Quantity, new: Quantity) -> Quantity:
    if old.value is None or new.value is None:
        return unknown(old.source or new.source)
    low = (old.low or 0.0) - (new.high or 0.0)
    high = (old.high or 0.0) - (new.low or 0.0)
    return estimated(old.value - new.value, max(low, 0.0), max(high, 0.0), old.source)


def new_base(document: Document, stage: Stage, reference: str) -> Edit | None:
    """The edit that starts a stage's chain from another image; None where the name holds a variable."""
    bottom = chain_of(document, stage)[-1]
    image = bottom.from_.arguments[0]
    plain = image.text == bottom.base and image.span.end - image.span.start == len(image.text)
    return Edit(image.span, reference) if plain else None
