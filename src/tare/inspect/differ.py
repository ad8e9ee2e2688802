"""From two surveys to the report of what changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tare import __version__
from tare.image.model import Layer
from tare.image.tarhead import FILE
from tare.inspect.blame import instruction_diffs
from tare.inspect.compare_files import compare_files, totals
from tare.inspect.compare_settings import compare_settings
from tare.inspect.survey import Survey
from tare.schema.diff import DiffLayer, DiffReport, DiffSide, PackageDiff


def make_diff(
    before: Survey,
    after: Survey,
    read_before: int,
    read_after: int,
    *,
    lines_before: Mapping[int, int] | None = None,
    lines_after: Mapping[int, int] | None = None,
) -> DiffReport:
    """The report. `read_before` and `read_after`: how many layers had to be read; `lines_before` and `lines_after` map layer
    numbers to lines of the Dockerfiles."""
    layers = _layers(before, after)
    shared = [layer for layer in layers if layer.before and layer.after]
    files = compare_files(before, after)
    notes = [
        f"packages of {survey.analysis.image.reference} may be missing: {problem}"
        for survey in (before, after)
        for problem in survey.analysis.problems
    ]
    return DiffReport(
        verb="diff",
        tool_version=__version__,
        before=_side(before, read_before),
        after=_side(after, read_after),
        layers=layers,
        shared_layers=len(shared),
        shared_bytes=sum(layer.size_bytes for layer in shared),
        totals=totals(files),
        files=files,
        packages=_packages(before, after),
        configuration=compare_settings(before.analysis.image.config, after.analysis.image.config),
        instructions=instruction_diffs(before, after, layers, files, lines_before or {}, lines_after or {}),
        notes=tuple(notes),
    )


def _side(survey: Survey, read_layers: int) -> DiffSide:
    causes: dict[str, int] = defaultdict(int)
    for gone in survey.analysis.tree.hidden:
        causes[gone.cause] += gone.inode.entry.size_bytes
    image = survey.analysis.image
    return DiffSide(
        reference=image.reference,
        platform=str(image.config.platform),
        size_bytes=survey.size_bytes,
        compressed_bytes=survey.shares.total(),
        visible_bytes=survey.visible_bytes,
        hidden_bytes=dict(sorted(causes.items())),
        duplicate_bytes=sum(group.wasted_bytes for group in survey.duplicates),
        efficiency=survey.visible_bytes / survey.size_bytes if survey.size_bytes else 1.0,
        layers=len(image.layers),
        files=sum(node.inode.entry.kind is FILE for node in survey.analysis.tree.walk()),
        packages=len(survey.packages),
        read_layers=read_layers,
    )


def _layers(before: Survey, after: Survey) -> tuple[DiffLayer, ...]:
    """Those of `before` in its order, then those that only `after` has. An equal layer that occurs twice pairs once."""
    waiting: dict[str, list[Layer]] = defaultdict(list)
    for layer in after.analysis.image.layers:
        waiting[layer.diff_id].append(layer)
    found = []
    paired = set()
    for layer, size in zip(before.analysis.image.layers, before.shares.layers, strict=True):
        same = waiting[layer.diff_id].pop(0) if waiting[layer.diff_id] else None
        if same is not None:
            paired.add(same.index)
        found.append(_layer(layer, size.size_bytes, layer.index + 1, same.index + 1 if same else 0))
    for layer, size in zip(after.analysis.image.layers, after.shares.layers, strict=True):
        if layer.index not in paired:
            found.append(_layer(layer, size.size_bytes, 0, layer.index + 1))
    return tuple(found)


def _layer(layer: Layer, size: int, before: int, after: int) -> DiffLayer:
    return DiffLayer(layer.diff_id, layer.instruction or layer.created_by, size, before, after)


def _packages(before: Survey, after: Survey) -> tuple[PackageDiff, ...]:
    names: dict[tuple[str, str], tuple[list[tuple[str, int]], list[tuple[str, int]]]] = {}
    for place, survey in enumerate((before, after)):
        for package, tally in survey.packages:
            sides = names.setdefault((package.manager, package.name), ([], []))
            sides[place].append((package.version, tally.size_bytes))
    found = []
    for (manager, name), (old, new) in names.items():
        versions = _versions(old), _versions(new)
        if versions[0] != versions[1]:
            sizes = sum(size for _, size in old), sum(size for _, size in new)
            found.append(PackageDiff(manager, name, *versions, *sizes))
    found.sort(key=lambda one: (-abs(one.size_after_bytes - one.size_before_bytes), one.manager, one.name))
    return tuple(found)


def _versions(found: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    return tuple(sorted(version for version, _ in found))
