"""One function a verb."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tare import __version__
from tare.build.detect import detect
from tare.context.ignore import parse_ignore
from tare.context.propose import propose_ignore
from tare.context.usage import unused
from tare.context.walk import shown
from tare.core.errors import EngineError
from tare.core.events import Event, EventSink, null_sink
from tare.optimize import Options, read_workplace
from tare.optimize import optimize as run_optimize
from tare.optimize.pipeline import file_change
from tare.rewrite.facts import RewriteSettings
from tare.schema.report import ContextItem, ContextReport, OptimizeReport, VerifyReport
from tare.verify import VerifySettings
from tare.verify import verify as run_verify
from tare.verify.checks import Subject


def optimize(
    path: Path,
    *,
    dockerfile: Path | None = None,
    builder: str = "auto",
    options: Options,
    settings: RewriteSettings,
    on_event: EventSink = null_sink,
) -> OptimizeReport:
    """The main job (see `tare.optimize`). `builder`: `none`, the name of an engine, or `auto`, which takes the first
    engine that works and plans without building, saying so, where there is none."""
    place = read_workplace(path, dockerfile, settings)
    if builder == "none":
        return run_optimize(place, None, options, on_event)
    try:
        engine = detect(builder, options.environ)
    except EngineError as error:
        if builder != "auto":
            raise
        advice = f"{error.message}, so that nothing was built, measured or verified. {error.detail}"
        on_event(Event("warning", advice))
        report = run_optimize(place, None, options, on_event)
        return replace(report, notes=(advice, *report.notes))
    return run_optimize(place, engine, options, on_event)


def context(path: Path, *, dockerfile: Path | None = None) -> ContextReport:
    """What a build would send, what no COPY takes, what must not travel, and the ignore file that says so."""
    place = read_workplace(path, dockerfile, RewriteSettings())
    proposal = propose_ignore(place.context, place.dockerfile, place.project)
    lost = {entry.path for entry in unused(place.context, place.dockerfile)}
    secrets = {secret.path: secret.reason for secret in proposal.secrets}
    rules = parse_ignore(proposal.text, str(proposal.path))
    items = []
    for entry in place.context.entries:
        if entry.kind == "directory":
            continue
        if entry.ignored:
            items.append(ContextItem(shown(entry.path), entry.size_bytes, "ignored"))
        elif entry.path in secrets:
            items.append(ContextItem(shown(entry.path), entry.size_bytes, "unsafe", secrets[entry.path]))
        elif entry.path in lost:
            items.append(ContextItem(shown(entry.path), entry.size_bytes, "unused", "no COPY takes it"))
        else:
            reason = "left out by the proposal" if rules.excluded(entry.path) else ""
            items.append(ContextItem(shown(entry.path), entry.size_bytes, "sent", reason))
    order = {"unsafe": 0, "sent": 1, "unused": 1, "ignored": 2}
    items.sort(key=lambda item: (order[item.verdict], -item.size_bytes, item.path))
    before = place.context.ignore_text if place.context.ignore_path is not None else None
    return ContextReport(
        verb="context",
        tool_version=__version__,
        path=str(path),
        sent_bytes=place.context.size_bytes,
        sent_files=len(place.context.files),
        proposed_bytes=place.context.size_bytes - proposal.size_bytes,
        items=tuple(items),
        dockerignore=file_change(proposal.path, before, proposal.text, place.root),
        problems=tuple(f"{problem.path}: {problem.message}" for problem in place.context.problems),
    )


def verify(
    after: str,
    before: str | None,
    *,
    builder: str,
    settings: VerifySettings,
    environ: Mapping[str, str],
    on_event: EventSink = null_sink,
) -> VerifyReport:
    """Does `after` run, and does it answer as `before` does?"""
    engine = detect(builder, environ)
    subjects = [
        None if name is None else _subject(engine.configuration(name), name) for name in (after, before)
    ]
    assert subjects[0] is not None
    verification = run_verify(engine, subjects[0], subjects[1], settings, on_event=on_event)
    return VerifyReport("verify", __version__, before, after, engine.name, verification)


def _subject(configuration: Mapping[str, object], name: str) -> Subject:
    exposed = configuration.get("ExposedPorts")
    ports = [int(port.partition("/")[0]) for port in exposed] if isinstance(exposed, dict) else []
    check = configuration.get("Healthcheck")
    test = check.get("Test") if isinstance(check, dict) else None
    return Subject(name, min(ports, default=None), bool(test) and test != ["NONE"])
