"""From a survey to the report."""

from tare import __version__
from tare.image.dive_score import score_dive
from tare.inspect.base import BaseSplit
from tare.inspect.changes import LayerCount, count_changes
from tare.inspect.survey import Survey
from tare.inspect.waste_items import waste_facts
from tare.schema.inspect import DiveFacts, InspectBase, InspectLayer, InspectReport, ScoreName


def make_report(
    survey: Survey,
    *,
    base: BaseSplit | None = None,
    score: ScoreName = "tare",
    dive: bool = False,
    files: bool = False,
    changes: bool = False,
    lines: dict[int, int] | None = None,
) -> InspectReport:
    """The report of one image. `dive` adds dive's figures, `files` and `changes` the tables of every entry; `lines` maps
    layer numbers to lines of the Dockerfile."""
    analysis = survey.analysis
    counts = count_changes(analysis.scans, rows=changes)
    figures = dive_facts(survey) if dive or score == "dive" else None
    size = survey.size_bytes
    efficiency = survey.visible_bytes / size if size else 1.0
    if score == "dive" and figures is not None:
        efficiency = figures.efficiency if figures.efficiency is not None else 1.0
    base_layers = base.layers if base is not None else None
    layers = _layers(survey, counts, base_layers, lines or {})
    return InspectReport(
        verb="inspect",
        tool_version=__version__,
        reference=analysis.image.reference,
        platform=str(analysis.image.config.platform),
        size_bytes=size,
        compressed_bytes=survey.shares.total(),
        visible_bytes=survey.visible_bytes,
        efficiency=efficiency,
        score=score,
        entries=survey.entries,
        layers=layers,
        waste=waste_facts(survey),
        classes=survey.class_facts(),
        packages=survey.package_facts(base_layers),
        unowned=survey.unowned_share(),
        what_if=survey.what_if,
        base=_base(base, layers),
        dive=figures,
        files=tuple(survey.file_facts()) if files else (),
        changes=tuple(row for count in counts for row in count.rows),
    )


def dive_facts(survey: Survey) -> DiveFacts:
    """dive's figures."""
    found = score_dive([scan.entries for scan in survey.analysis.scans])
    paths = sorted(found.inefficient.items(), key=lambda one: (-one[1], one[0]))
    return DiveFacts(found.efficiency, found.wasted_bytes, found.wasted_user_percent, tuple(paths))


def _layers(
    survey: Survey, counts: tuple[LayerCount, ...], base_layers: int | None, lines: dict[int, int]
) -> tuple[InspectLayer, ...]:
    analysis = survey.analysis
    hidden = [0] * len(counts)
    hides = [0] * len(counts)
    for gone in analysis.tree.hidden:
        hidden[gone.inode.layer] += gone.inode.entry.size_bytes
        hides[gone.gone_in] += gone.inode.entry.size_bytes
    return tuple(
        InspectLayer(
            number=place + 1,
            diff_id=layer.diff_id,
            digest=layer.digest,
            instruction=layer.instruction or layer.created_by,
            created=layer.created,
            base=None if base_layers is None else place < base_layers,
            line=lines.get(place + 1),
            size_bytes=size.size_bytes,
            compressed_bytes=size.compressed_bytes,
            hidden_bytes=hidden[place],
            hides_bytes=hides[place],
            entries=len(analysis.scans[place].entries),
            added=counts[place].added,
            changed=counts[place].changed,
            removed=counts[place].removed,
        )
        for place, (layer, size) in enumerate(zip(analysis.image.layers, survey.shares.layers, strict=True))
    )


def _base(base: BaseSplit | None, layers: tuple[InspectLayer, ...]) -> InspectBase | None:
    if base is None:
        return None
    lower = sum(layer.size_bytes for layer in layers[: base.layers])
    own = sum(layer.size_bytes for layer in layers[base.layers :])
    return InspectBase(base.layers, base.known_by, base.name, lower, own)
