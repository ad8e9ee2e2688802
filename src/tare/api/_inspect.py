"""`tare inspect` as a function."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tare.core.errors import UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.image import Image, analyse, open_image
from tare.image.access import Access
from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.layer_cache import LayerCache
from tare.inspect.assemble import dive_facts, make_report
from tare.inspect.base import BaseSplit, compared, from_history
from tare.inspect.baseline import looks_like_report, of_report, read_baseline
from tare.inspect.budget import Baseline, Budget
from tare.inspect.device_code import candidates, cuda_libraries
from tare.inspect.dive_ci import DiveRules, check_dive, read_dive_ci
from tare.inspect.findings import find, rules_of
from tare.inspect.lines import LayerLines, align
from tare.inspect.settings import BudgetSettings
from tare.inspect.survey import survey
from tare.schema.inspect import CudaLibrary, InspectReport, ScoreName, SlimLevel

if TYPE_CHECKING:
    from tare.dockerfile import Dockerfile


@dataclass(frozen=True, slots=True)
class BudgetInputs:
    """Limits and where each was set (see `Budget`); `dive_ci` is a file with dive's rules."""

    settings: BudgetSettings = field(default_factory=BudgetSettings)
    origins: Mapping[str, str] = field(default_factory=dict)
    dive_ci: Path | None = None


def inspect(
    reference: str,
    *,
    platform: str | None = None,
    docker_host: str | None = None,
    access: Access | None = None,
    base: str | None = None,
    dockerfile: Path | None = None,
    score: ScoreName = "tare",
    budget: BudgetInputs | None = None,
    files: bool = False,
    changes: bool = False,
    cuda: bool | None = None,
    slim: bool = False,
    cache: LayerCache | None = None,
    show: Callable[[InspectReport, Analysis], None] | None = None,
    on_event: EventSink = null_sink,
) -> InspectReport:
    """Where the bytes of an image are, and whether it is within its budget.

    `access` is as for `open_image`.
    `base` is an image whose layers are the lowest of this one. `dockerfile` is the one that it was built from: layers and
    findings then have lines. `files` and `changes` fill the tables of every entry. `cuda` reads which GPU architectures
    CUDA libraries hold code for (None: where that needs no layer to be unpacked again). `slim` plans every level of `tare slim`
    and says what it would free. `show` is called with the report while
    the image is still open, so that contents can be read. Raises `TareError`.
    """
    limits = budget or BudgetInputs()
    checked = Budget(limits.settings, limits.origins)
    rules = _dive_rules(limits.dive_ci)
    parsed = read_dockerfile(dockerfile)
    with ExitStack() as stack:

        def opened(name: str) -> Image:
            on_event(Event("stage", f"Reading {name}"))
            return stack.enter_context(
                open_image(name, platform=platform, docker_host=docker_host, access=access, on_event=on_event)
            )

        image = opened(reference)
        lines = align(parsed, image.config.history) if parsed is not None else None
        notes = (
            []
            if lines is None or lines.fits
            else [f"{dockerfile} does not fit the image's history; no lines are given"]
        )
        split = split_base(image, opened(base) if base else None, lines)
        analysis = analyse(image, cache=cache, on_event=on_event)
        found = survey(analysis, keep=files)
        notes += [f"packages may be missing: {problem}" for problem in analysis.problems]
        report = make_report(
            found,
            base=split,
            score=score,
            dive=rules is not None,
            files=files,
            changes=changes,
            lines=dict(lines.lines) if lines is not None else None,
        )
        libraries, about = _cuda(analysis, cuda)
        notes += about
        baseline = _baseline(limits.settings.baseline, opened, cache)
        checks = checked.check(report, found.visible_files(), baseline)
        if rules is not None:
            checks += check_dive(rules, report.dive or dive_facts(found))
        report = replace(
            report,
            budget=checks,
            cuda=libraries,
            slim=_slim(analysis, on_event) if slim else (),
            dockerfile=str(dockerfile) if dockerfile is not None else None,
            notes=tuple(notes),
        )
        findings = find(report)
        report = replace(report, findings=findings, rules=rules_of(findings))
        if show is not None:
            show(report, analysis)
        return report


def _cuda(analysis: Analysis, wanted: bool | None) -> tuple[tuple[CudaLibrary, ...], list[str]]:
    """CUDA libraries with their device code, and what to say where they were not read."""
    nodes = candidates(analysis) if wanted is not False else ()
    if not nodes:
        return (), []
    if wanted is None and any(scan.compressed for scan in analysis.scans):
        return (), [f"{len(nodes)} libraries may hold GPU code; --cuda reads for which architectures"]
    with Contents(analysis) as contents:
        return cuda_libraries(nodes, contents), []


def _slim(analysis: Analysis, on_event: EventSink) -> tuple[SlimLevel, ...]:
    from tare.api.slim_levels import slim_levels  # the planner is not loaded where nobody asks

    return slim_levels(analysis, on_event=on_event)


def _dive_rules(path: Path | None) -> DiveRules | None:
    if path is None:
        return None
    try:
        return read_dive_ci(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error


def read_dockerfile(path: Path | None) -> "Dockerfile | None":
    """A parsed Dockerfile. Raises `UsageError` or `DockerfileSyntaxError`."""
    if path is None:
        return None
    from tare.dockerfile import parse  # not loaded where there is none to read

    try:
        return parse(path.read_text("utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error


def split_base(image: Image, base: Image | None, lines: LayerLines | None) -> BaseSplit | None:
    """Which layers came with the base image. Raises `UsageError` where `base` is not what the image stands on."""
    if base is not None:
        split = compared(image.config.diff_ids, base.config.diff_ids, base.reference)
        if split is None:
            raise UsageError(
                f"the lowest layers of {image.reference} are not those of {base.reference}",
                hint="name the base that the image was built from, for the same platform",
            )
        return split
    if lines is not None and lines.base_layers is not None:
        return BaseSplit(lines.base_layers, "dockerfile", "")
    return from_history(image.config)


def _baseline(name: str | None, opened: Callable[[str], Image], cache: LayerCache | None) -> Baseline | None:
    if name is None:
        return None
    if looks_like_report(name):
        return read_baseline(Path(name))
    return of_report(make_report(survey(analyse(opened(name), cache=cache))))
