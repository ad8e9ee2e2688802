"""The checks: the image after against what the image before did. What could not be asked never counts as a yes."""

import json
import math
from dataclasses import dataclass

from tare.build.engine import Engine
from tare.core.events import EventSink, null_sink
from tare.schema.run import Check, Verification
from tare.verify.observe import Observation, Reply, observe
from tare.verify.settings import VerifySettings


@dataclass(frozen=True, slots=True)
class Subject:
    """An image to ask: its name in the engine, its port, and whether it has a health check."""

    image: str
    port: int | None
    healthcheck: bool


def verify(
    engine: Engine,
    after: Subject,
    before: Subject | None,
    settings: VerifySettings,
    *,
    on_event: EventSink = null_sink,
    seen: Observation | None = None,
) -> Verification:
    """Ask `after`, and `before` where there is one (`seen`: what it was observed to do already)."""
    if before is not None and seen is None:
        seen = look(engine, before, settings, on_event=on_event)
    return judge(look(engine, after, settings, on_event=on_event), seen, settings, after)


def look(
    engine: Engine, subject: Subject, settings: VerifySettings, *, on_event: EventSink = null_sink
) -> Observation:
    """Observe one image."""
    port = settings.port or subject.port
    return observe(engine, subject.image, port, settings, health=subject.healthcheck, on_event=on_event)


def judge(
    after: Observation, before: Observation | None, settings: VerifySettings, subject: Subject
) -> Verification:
    """All checks of one observation against another."""
    checks = [_user(after), *_start(after, before), *_imports(after, before), *_abilities(after, before)]
    if subject.healthcheck and after.ended is None:
        checks.append(_health(after))
    checks += _probes(after, before, settings)
    for index, line in enumerate(settings.commands):
        checks.append(_command(line, index, after, before))
    return Verification(tuple(checks), before is not None)


def _user(after: Observation) -> Check:
    if not after.user.isdigit():
        return Check(
            "user", "runs as", None if not after.user else True, after.user or "the image has no shell to ask"
        )
    return Check("user", "runs as", True, "root" if after.user == "0" else f"user {after.user}")


def _start(after: Observation, before: Observation | None) -> list[Check]:
    if before is not None and before.ended is not None:
        same = after.ended == before.ended and after.output == before.output
        detail = f"exit code {after.ended}, was {before.ended}"
        if after.ended == before.ended:
            detail += ", same output" if same else ", other output"
        return [Check("start", "runs to its end as before", same, detail + _tail(after, not same))]
    if after.ended is not None:
        stays = before is None and after.ended == 0
        return [
            Check("start", "starts and stays up", stays, f"exit code {after.ended}{_tail(after, not stays)}")
        ]
    checks = [Check("start", "starts and stays up", True)]
    if after.listens is not None and (before is None or before.listens):
        checks.append(Check("start", "listens on its port", after.listens, _tail(after, not after.listens)))
    return checks


def _tail(observation: Observation, failed: bool) -> str:
    lines = observation.output.strip().splitlines()
    return ": " + " | ".join(lines[-3:])[:600] if failed and lines else ""


def _imports(after: Observation, before: Observation | None) -> list[Check]:
    if after.imports is None:
        could = before is None or before.imports is not None
        return [Check("import", "imports", None, "no Python could be asked")] if could else []
    checks = []
    for name, error in after.imports.items():
        if before is not None and (before.imports is None or before.imports.get(name) is not None):
            continue
        checks.append(Check("import", name, error is None, error or ""))
    return checks


def _abilities(after: Observation, before: Observation | None) -> list[Check]:
    """What the image before could do, the one after must do with the same answer."""
    if after.abilities is None and (before is None or before.abilities is None):
        return []
    now = after.abilities or {}
    if before is None:
        return [
            Check("ability", name, works, "" if works else answer) for name, (works, answer) in now.items()
        ]
    checks = []
    for name, (worked, expected) in (before.abilities or {}).items():
        if not worked:
            continue
        works, answer = now.get(name, (False, "the interpreter ended before it answered"))
        same = works and answer == expected
        detail = "" if same else f"{answer[:200]}, was {expected[:200]}" if works else answer
        checks.append(Check("ability", name, same, detail))
    return checks


def _health(after: Observation) -> Check:
    return Check("health", "health check", after.health == "healthy", after.health or "not known")


def _probes(after: Observation, before: Observation | None, settings: VerifySettings) -> list[Check]:
    checks = []
    for index, probe in enumerate(settings.probes):
        name = f"{probe.method} {probe.path}"
        if index >= len(after.replies):
            checks.append(Check("http", name, False, "it did not stay up to be asked"))
            continue
        reply = after.replies[index]
        if reply.error:
            checks.append(Check("http", name, False, reply.error))
            continue
        if probe.status is not None and reply.status != probe.status:
            checks.append(Check("http", name, False, f"status {reply.status}, expected {probe.status}"))
            continue
        if before is None:
            checks.append(Check("http", name, reply.status < 400, f"status {reply.status}"))
            continue
        if index >= len(before.replies) or before.replies[index].error:
            checks.append(Check("http", name, None, "the image before did not answer it"))
            continue
        checks.append(_compare(name, reply, before.replies[index], before.again[index], settings.tolerance))
    return checks


def _compare(name: str, reply: Reply, expected: Reply, again: Reply, tolerance: float) -> Check:
    if (reply.status, reply.content_type) != (expected.status, expected.content_type):
        detail = f"{reply.status} {reply.content_type}, was {expected.status} {expected.content_type}"
        return Check("http", name, False, detail)
    if reply.body == expected.body:
        return Check("http", name, True, f"status {reply.status}, same answer ({len(reply.body)} bytes)")
    ours, theirs, repeated = _json(reply), _json(expected), _json(again)
    if ours is not None and theirs is not None:
        if equal(ours, theirs, tolerance):
            return Check("http", name, True, f"same JSON within {tolerance:g}")
        if again.body != expected.body and repeated is not None and shape(ours) == shape(theirs):
            return Check("http", name, True, "the answer changes by itself; same shape")
        return Check("http", name, False, f"other JSON: {reply.body[:120]!r}, was {expected.body[:120]!r}")
    if again.body != expected.body:
        return Check("http", name, True, "the answer changes by itself; same status and type")
    return Check("http", name, False, f"other body: {len(reply.body)} bytes, was {len(expected.body)}")


def _json(reply: Reply) -> object | None:
    try:
        return [json.loads(reply.body)]
    except ValueError:
        return None


def equal(one: object, other: object, tolerance: float) -> bool:
    """Whether two JSON values are equal, numbers up to a relative tolerance."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-12)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(equal(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key], tolerance) for key in one)
    return one == other


def shape(value: object) -> object:
    """The types and keys of a JSON value without its contents."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    )


def _command(line: str, index: int, after: Observation, before: Observation | None) -> Check:
    if index >= len(after.commands):
        return Check("command", line, False, "not run")
    code, output = after.commands[index]
    if before is None:
        return Check("command", line, code == 0, f"exit code {code}")
    if index >= len(before.commands):
        return Check("command", line, None, "not run in the image before")
    same = (code, output) == before.commands[index]
    return Check(
        "command", line, same, f"exit code {code}, " + ("same output" if same else "other output or code")
    )
