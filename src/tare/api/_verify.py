"""`tare verify` as a function."""

from collections.abc import Mapping

import msgspec

from tare import __version__
from tare.build.detect import detect
from tare.core.events import EventSink, null_sink
from tare.core.redaction import Redaction
from tare.schema.verify import VerifyReport
from tare.verify import VerifySettings
from tare.verify import verify as run_verify
from tare.verify.checks import Subject


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
    if settings.abilities is None:
        settings = msgspec.structs.replace(settings, abilities=before is not None)
    secret = Redaction.of_build({}, settings.env)
    verification = run_verify(engine, subjects[0], subjects[1], settings, on_event=secret.sink(on_event))
    return secret.report(VerifyReport("verify", __version__, before, after, engine.name, verification))


def _subject(configuration: Mapping[str, object], name: str) -> Subject:
    exposed = configuration.get("ExposedPorts")
    ports = [int(port.partition("/")[0]) for port in exposed] if isinstance(exposed, dict) else []
    check = configuration.get("Healthcheck")
    test = check.get("Test") if isinstance(check, dict) else None
    return Subject(name, min(ports, default=None), bool(test) and test != ["NONE"])
