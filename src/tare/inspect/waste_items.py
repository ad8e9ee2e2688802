"""Hidden bytes as a table: one row for each cause and pair of layers, with both instructions and the remedy."""

from collections import defaultdict

from tare.image.model import Layer
from tare.image.tree import Cause, Hidden
from tare.inspect.remedies import CAUSES
from tare.inspect.shares import by_layer
from tare.inspect.survey import Survey
from tare.schema.inspect import DuplicateItem, InspectWaste, WasteItem

SHOWN_PATHS = 10


def waste_facts(survey: Survey) -> InspectWaste:
    """All waste of an image, the largest first."""
    tree, layers, shares = survey.analysis.tree, survey.analysis.image.layers, survey.shares
    rows: dict[tuple[Cause, int, int], list[Hidden]] = defaultdict(list)
    causes: dict[str, int] = defaultdict(int)
    for gone in tree.hidden:
        rows[gone.cause, gone.inode.layer, gone.gone_in].append(gone)
        causes[gone.cause] += gone.inode.entry.size_bytes
    items = []
    for (cause, written, hidden), files in rows.items():
        size = sum(one.inode.entry.size_bytes for one in files)
        files.sort(key=lambda one: (-one.inode.entry.size_bytes, one.path))
        items.append(
            WasteItem(
                cause=cause,
                written_in=written + 1,
                hidden_in=hidden + 1,
                files=len(files),
                size_bytes=size,
                compressed_bytes=shares.of({written: size}),
                paths=tuple(one.path for one in files[:SHOWN_PATHS]),
                wrote=_instruction(layers[written]),
                hid=_instruction(layers[hidden]),
                remedy=CAUSES[cause],
            )
        )
    items.sort(key=lambda item: (-item.size_bytes, item.written_in, item.hidden_in, item.cause))
    total = sum(causes.values())
    duplicate = sum(group.wasted_bytes for group in survey.duplicates)
    spread = by_layer((gone.inode.layer, gone.inode.entry.size_bytes) for gone in tree.hidden)
    return InspectWaste(
        hidden_bytes=dict(sorted(causes.items(), key=lambda one: (-one[1], one[0]))),
        hidden_total_bytes=total,
        hidden_compressed_bytes=shares.of(spread),
        duplicate_bytes=duplicate,
        wasted_bytes=total + duplicate,
        items=tuple(items),
        duplicates=tuple(
            DuplicateItem(
                group.paths, tuple(layer + 1 for layer in group.layers), group.size_bytes, group.wasted_bytes
            )
            for group in survey.duplicates
        ),
    )


def _instruction(layer: Layer) -> str:
    return layer.instruction or layer.created_by
