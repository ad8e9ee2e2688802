"""`tare slim` as a function."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tare import __version__
from tare.build.detect import detect
from tare.build.engine import Engine
from tare.core.errors import EngineError, UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.core.io import write_all
from tare.image import Image, analyse, open_image
from tare.image.analysis import Analysis
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.destination import Destination, parse_destination
from tare.image.facts import compressed_size
from tare.image.indexes import platforms_of
from tare.image.mutate import Draft, KeptLayer
from tare.image.reference import Transport
from tare.image.sources.docker_engine import DEFAULT_HOST
from tare.image.tarhead import FILE
from tare.image.write import WriteSettings, Written, write_image
from tare.schema.quantity import Quantity, measured, unknown
from tare.schema.slim import SlimReport, SlimSide, SlimStep
from tare.slim.pipeline import Slimmed, SlimOptions, slim_image
from tare.slim.plan import Plan
from tare.slim.restore import restore_draft

_FILE_BYTES = "file bytes of all layers"
_IMPORTS = "CPU seconds of the start's imports, least of three runs"


def slim(
    reference: str,
    output: str | None,
    *,
    options: SlimOptions,
    compression: Compression,
    recompress: bool = False,
    builder: str = "auto",
    verify: bool = True,
    platform: str | None = None,
    ledger: Path | None = None,
    restore_layer: str | None = None,
    on_event: EventSink = null_sink,
) -> SlimReport:
    """Make a smaller image and write it to `output`; None only plans and says what would go.

    `platform`: of an index; `all` slims every platform of an OCI index, without running, into an index.
    `builder`: the engine that verifies (`auto`, `none` or a name). `ledger` also writes the ledger's JSON to a file.
    `restore_layer`: where to keep what is taken away (`oci:` or `oci-archive:`), as a layer for `tare restore`.
    Nothing is written unless verification holds. Raises `TareError`.
    """
    destination = parse_destination(output) if output is not None else None
    keeping = _keeping(restore_layer, destination, platform)
    created = _created(options.environ)
    host = options.environ.get("DOCKER_HOST") or DEFAULT_HOST
    platforms: tuple[str | None, ...] = platforms_of(reference) if platform == "all" else (platform,)
    if platform == "all" and builder == "auto":
        builder = "none"  # other platforms than this machine's cannot be run
    planned = "only planned; static proof" if destination is None else ""
    engine, why_not = _engine(builder, verify, planned, options.environ, on_event)
    with ExitStack() as stack:
        done: list[tuple[Analysis, Contents, Slimmed]] = []
        for one in platforms:
            on_event(Event("stage", f"Reading {reference}" + (f" ({one})" if one else "")))
            image = stack.enter_context(
                open_image(
                    reference, platform=one, docker_host=options.environ.get("DOCKER_HOST"), on_event=on_event
                )
            )
            if destination is not None:
                _check_apart(image, destination)
            analysis = analyse(image, on_event=on_event)
            contents = stack.enter_context(Contents(analysis))
            slimmed = slim_image(analysis, contents, options, engine, why_not, on_event=on_event)
            done.append((analysis, contents, slimmed))
        written = kept = None
        if destination is not None:
            settings = WriteSettings(compression, recompress, created, host)
            drafts = [(slimmed.draft, contents) for _, contents, slimmed in done]
            if keeping is not None:
                analysis, contents, slimmed = done[0]
                plan = slimmed.plan
                undo = restore_draft(analysis, plan.files, plan.view, slimmed.ledger_json)
                kept = write_image([(undo, contents)], keeping, settings, on_event=on_event)
            written = write_image(drafts, destination, settings, on_event=on_event)
            if ledger is not None:
                write_all({ledger: done[0][2].ledger_json.decode()})
        reports = [_report(reference, one, options, slimmed, written, ledger) for one, _, slimmed in done]
        if kept is not None:
            reports[0] = replace(
                reports[0], restore_layer=kept.destination, restore_bytes=kept.compressed_bytes
            )
        return reports[0] if len(reports) == 1 else _together(reports)


def _keeping(
    restore_layer: str | None, destination: Destination | None, platform: str | None
) -> Destination | None:
    """Where the restore layer goes. Raises `UsageError`."""
    if restore_layer is None:
        return None
    if destination is None:
        raise UsageError("--restore-layer needs --output: a plan takes nothing away")
    if platform == "all":
        raise UsageError("--restore-layer takes one platform", hint="choose one with --platform")
    place = parse_destination(restore_layer)
    if place.transport not in (Transport.OCI, Transport.OCI_ARCHIVE):
        raise UsageError(
            f"a restore layer cannot be kept at {place}", hint="oci:DIR[:TAG] or oci-archive:FILE"
        )
    if place.path.absolute() == destination.path.absolute() and place.name == destination.name:
        raise UsageError(f"{place} is the slim image itself", hint="name another place or tag")
    return place


def _together(reports: Sequence[SlimReport]) -> SlimReport:
    """One report of several platforms: sizes and steps added up."""

    def side(name: str) -> SlimSide:
        sides: list[SlimSide] = [getattr(report, name) for report in reports]
        size = sum((one.size_bytes for one in sides[1:]), sides[0].size_bytes)
        packed = sides[0].compressed_bytes
        if name == "before":
            packed = sum((one.compressed_bytes for one in sides[1:]), packed)
        counts = [sum(getattr(one, field) for one in sides) for field in ("layers", "files", "packages")]
        return SlimSide(size, packed, *counts)

    steps: dict[tuple[str, str], SlimStep] = {}
    for step in (step for report in reports for step in report.steps):
        known = steps.get((step.name, step.status))
        steps[step.name, step.status] = (
            step
            if known is None
            else replace(
                known,
                removed=known.removed + step.removed,
                changed=known.changed + step.changed,
                saved_bytes=known.saved_bytes + step.saved_bytes,
            )
        )
    return replace(
        reports[0],
        platforms=tuple(name for report in reports for name in report.platforms),
        before=side("before"),
        after=side("after"),
        steps=tuple(steps.values()),
        notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
    )


def _engine(
    builder: str, wanted: bool, planned: str, environ: Mapping[str, str], on_event: EventSink
) -> tuple[Engine | None, str]:
    if planned:
        return None, planned
    if not wanted:
        return None, "--no-verify was asked for; static proof only"
    if builder == "none":
        return None, "no engine; static proof only"
    try:
        return detect(builder, environ), ""
    except EngineError as error:
        if builder != "auto":
            raise
        on_event(Event("warning", f"{error.message}: static proof only, nothing is run"))
        return None, "no engine works here; static proof only"


def _created(environ: Mapping[str, str]) -> str | None:
    text = environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise UsageError(f"SOURCE_DATE_EPOCH is no number of seconds: {text[:40]!r}")
    return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_apart(image: Image, destination: Destination) -> None:
    """The input is never modified, not even its name."""
    kind, _, rest = image.reference.partition(":")
    if destination.transport is Transport.DOCKER_DAEMON:
        same = rest if kind == "docker-daemon" else image.reference
        if destination.name in (same, f"{same}:latest"):
            raise UsageError(f"{destination} is the image itself", hint="give the result a name of its own")
        return
    for text in (rest, image.reference):
        path, _, tag = text.partition(":")
        if not path or not Path(path).exists() or not destination.path.exists():
            continue
        if Path(path).samefile(destination.path) and (
            destination.transport is not Transport.OCI or (tag or "") == destination.name
        ):
            raise UsageError(f"{destination} is the image itself", hint="write to another place or tag")


def _report(
    reference: str,
    analysis: Analysis,
    options: SlimOptions,
    done: Slimmed,
    written: Written | None,
    ledger: Path | None,
) -> SlimReport:
    before = SlimSide(
        measured(sum(_scan_bytes(analysis, place) for place in range(len(analysis.scans))), _FILE_BYTES),
        compressed_size(analysis),
        len(analysis.image.layers),
        len(done.plan.files.files),
        len(analysis.packages),
    )
    compressed: Quantity = unknown("the layers are stored uncompressed" if written else "nothing was written")
    if written is not None and written.compressed_bytes is not None:
        compressed = measured(written.compressed_bytes, "layers as written")
    after = SlimSide(
        measured(draft_bytes(done.draft), _FILE_BYTES),
        compressed,
        len(done.draft.layers),
        sum(1 for _ in done.plan.view.present()) + len(done.plan.view.added) + 1,
        _packages(done.plan),
    )
    steps = [
        SlimStep(
            one.step,
            one.level.value,
            "applied" if one.removed or one.changed else "nothing",
            one.reason,
            one.removed,
            one.changed,
            one.saved_bytes,
        )
        for one in done.plan.outcomes
    ]
    steps += [SlimStep(name, options.level.value, "dropped", reason) for name, reason in done.dropped]
    return SlimReport(
        verb="slim",
        tool_version=__version__,
        source=reference,
        level=options.level.value,
        layout=options.layout,
        platforms=(str(analysis.image.config.platform),),
        before=before,
        after=after,
        steps=tuple(steps),
        verified=done.verified,
        verification=done.verification,
        proof=done.proof.checked,
        written=written.destination if written else None,
        digest=written.digest if written else None,
        ledger=str(ledger) if ledger and written else None,
        notes=(*done.plan.view.notes, *done.notes),
        start_before_s=None if done.start_before_s is None else measured(done.start_before_s, _IMPORTS),
        start_after_s=None if done.start_after_s is None else measured(done.start_after_s, _IMPORTS),
    )


def draft_bytes(draft: Draft) -> int:
    """File bytes of all layers of a draft."""
    total = 0
    for layer in draft.layers:
        if isinstance(layer, KeptLayer):
            total += _scan_bytes(draft.analysis, layer.index)
        else:
            total += sum(entry.header.size_bytes for entry in layer.entries)
    return total


def _scan_bytes(analysis: Analysis, place: int) -> int:
    return sum(entry.size_bytes for entry in analysis.scans[place].entries if entry.kind is FILE)


def _packages(plan: Plan) -> int:
    return sum(
        plan.view.visible(package.database)
        and not (package.manager in ("dpkg", "apk") and package.name in plan.view.gone)
        for package in plan.files.analysis.packages
    )
