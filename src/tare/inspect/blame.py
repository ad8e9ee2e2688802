"""Which instruction made the difference between two images.

A path that is there afterwards was written by a layer of the second image; a path that went was hidden by a layer of the
second, or is no longer written by a layer of the first. Layers that both images have make no difference, so that what
differs is laid to the layer that only one of them has. Instructions are paired by their words, in their order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tare.inspect.lines import pair_texts
from tare.inspect.survey import Survey
from tare.schema.diff import DiffLayer, FileDiff, InstructionChange, InstructionDiff

_PACKAGES = 5


@dataclass(slots=True)
class _Sum:
    files: int = 0
    growth_bytes: int = 0
    packages: dict[str, int] = field(default_factory=dict)

    def add(self, one: FileDiff) -> None:
        self.files += 1
        self.growth_bytes += one.growth_bytes
        state = one.after or one.before
        if state is not None and state.package:
            known = self.packages.get(state.package, 0)
            self.packages[state.package] = known + abs(one.growth_bytes)


def instruction_diffs(
    before: Survey,
    after: Survey,
    layers: Sequence[DiffLayer],
    files: Iterable[FileDiff],
    lines_before: Mapping[int, int],
    lines_after: Mapping[int, int],
) -> tuple[InstructionDiff, ...]:
    """One for each instruction whose layer only one image has, the largest difference first. Lines are by layer number."""
    old = [layer for layer in layers if layer.before and not layer.after]
    new = [layer for layer in layers if layer.after and not layer.before]
    sums: dict[tuple[bool, int], _Sum] = {}
    for key, one in _laid(before, after, layers, files):
        sums.setdefault(key, _Sum()).add(one)
    pairs = pair_texts([layer.instruction for layer in old], [layer.instruction for layer in new])
    partner = {old[a].before: new[b] for a, b in pairs}
    paired = {new[b].after for _, b in pairs}
    rows: list[tuple[DiffLayer | None, DiffLayer | None]] = []
    rows += [(layer, partner.get(layer.before)) for layer in old]
    rows += [(None, layer) for layer in new if layer.after not in paired]
    found = [_row(a, b, sums, lines_before, lines_after) for a, b in rows]
    rest = {
        key
        for key in sums
        if key not in {(False, one.before) for one in old} | {(True, one.after) for one in new}
    }
    for of_after, number in sorted(
        rest
    ):  # what differs although both have the layer: links through other layers
        layer = next(one for one in layers if (one.after if of_after else one.before) == number)
        found.append(
            _row(None if of_after else layer, layer if of_after else None, sums, lines_before, lines_after)
        )
    found.sort(key=lambda one: (-abs(one.growth_bytes), -one.files, one.layer_after, one.layer_before))
    return tuple(found)


def _laid(
    before: Survey, after: Survey, layers: Sequence[DiffLayer], files: Iterable[FileDiff]
) -> Iterable[tuple[tuple[bool, int], FileDiff]]:
    """Each file with the layer that it is laid to: (of the second image?, number)."""
    own_old = {layer.before for layer in layers if layer.before and not layer.after}
    own_new = {layer.after for layer in layers if layer.after and not layer.before}
    hidden = {gone.path: gone.gone_in + 1 for gone in after.analysis.tree.hidden}
    restored = {gone.path: gone.gone_in + 1 for gone in before.analysis.tree.hidden}
    for one in files:
        candidates: list[tuple[bool, int]] = []
        if one.after is not None:
            candidates.append((True, one.after.layer))
            if one.before is None and one.path in restored:
                candidates.append((False, restored[one.path]))
        elif one.path in hidden:
            candidates.append((True, hidden[one.path]))
        if one.before is not None:
            candidates.append((False, one.before.layer))
        own = [key for key in candidates if key[1] in (own_new if key[0] else own_old)]
        yield (own or candidates)[0], one


def _row(
    old: DiffLayer | None,
    new: DiffLayer | None,
    sums: Mapping[tuple[bool, int], _Sum],
    lines_before: Mapping[int, int],
    lines_after: Mapping[int, int],
) -> InstructionDiff:
    parts = [sums[False, old.before]] if old is not None and (False, old.before) in sums else []
    parts += [sums[True, new.after]] if new is not None and (True, new.after) in sums else []
    packages: dict[str, int] = {}
    for part in parts:
        for name, size in part.packages.items():
            packages[name] = packages.get(name, 0) + size
    change: InstructionChange = "added" if old is None else "removed" if new is None else "changed"
    if old is not None and new is not None and old.instruction == new.instruction:
        change = "rebuilt"
    return InstructionDiff(
        change=change,
        layer_before=old.before if old else 0,
        line_before=lines_before.get(old.before) if old else None,
        instruction_before=old.instruction if old else "",
        layer_after=new.after if new else 0,
        line_after=lines_after.get(new.after) if new else None,
        instruction_after=new.instruction if new else "",
        files=sum(part.files for part in parts),
        growth_bytes=sum(part.growth_bytes for part in parts),
        packages=tuple(sorted(packages, key=lambda name: (-packages[name], name))[:_PACKAGES]),
    )
