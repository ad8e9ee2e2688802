"""`tare optimize` as a function."""

from dataclasses import replace
from pathlib import Path

from tare.api.config_keys import suggestion
from tare.build.detect import detect
from tare.core.errors import EngineError, TareError, UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.core.redaction import Redaction
from tare.optimize import Options, read_workplace
from tare.optimize import optimize as run_optimize
from tare.optimize.alpine import without_musl_wheels
from tare.optimize.project import Workplace
from tare.rewrite.facts import RewriteSettings
from tare.rewrite.registry import TRANSFORMS
from tare.rewrite.secrets import literal_secrets
from tare.schema.optimize import OptimizeReport


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
    engine that works and plans without building, saying so, where there is none. Raises `UsageError` for a name in
    `options.without` that no transform has."""
    _check_names(options.without)
    secret = Redaction.of_build(options.secrets, {**options.build_args, **options.verify.env})
    try:
        report = _optimize(path, dockerfile, builder, options, settings, secret.sink(on_event))
    except TareError as error:
        raise secret.error(error) from None
    return secret.report(report)


def _optimize(
    path: Path,
    dockerfile: Path | None,
    builder: str,
    options: Options,
    settings: RewriteSettings,
    on_event: EventSink,
) -> OptimizeReport:
    place = read_workplace(path, dockerfile, settings)
    lacking = without_musl_wheels(place, options.environ)
    place = replace(place, facts=replace(place.facts, without_musl_wheels=lacking))
    held = Redaction(literal_secrets(place.dockerfile).values())
    return held.report(_run(place, builder, options, held.sink(on_event)))


def _run(place: Workplace, builder: str, options: Options, on_event: EventSink) -> OptimizeReport:
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


def _check_names(without: tuple[str, ...]) -> None:
    names = [transform.name for transform in TRANSFORMS]
    for name in without:
        if name not in names:
            close = suggestion(name, names)
            hint = f"did you mean {close}?" if close else f"one of {', '.join(names)}"
            raise UsageError(f"there is no transform {name}", where="without", hint=hint)
