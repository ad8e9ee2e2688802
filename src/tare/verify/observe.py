"""Start an image and write down all that it answers. Everything is asked from inside the container: no port is
published and no network is needed, and what is asked runs as the image's own user."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from tare.build.engine import Container, Engine
from tare.core.errors import EngineError
from tare.core.events import Event, EventSink
from tare.verify.abilities import Answers, ask_abilities
from tare.verify.settings import Probe, VerifySettings

PYTHON = ("python", "python3")
IMPORT = """
import importlib, json, sys
found = {}
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
        found[name] = None
    except BaseException as error:
        found[name] = type(error).__name__ + ": " + str(error)[:300]
print("\\n" + json.dumps(found))
"""
REQUEST = """
import base64, json, sys, urllib.error, urllib.request
ask = json.load(sys.stdin)
body = ask["body"].encode() if ask["body"] is not None else None
request = urllib.request.Request(ask["url"], data=body, method=ask["method"], headers=ask["headers"])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    answer = opener.open(request, timeout=60)
except urllib.error.HTTPError as error:
    answer = error
print(json.dumps({"status": answer.status, "type": answer.headers.get_content_type(),
                  "body": base64.b64encode(answer.read()).decode()}))
"""
LISTENS = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2).close()"
HEALTH_S = 90.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a probe; `error` is set when there was none."""

    status: int = 0
    content_type: str = ""
    body: bytes = b""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one image did.

    `ended`: the exit code when the main process ended by itself. `listens`: None when no port is known. `health`: the
    engine's word, or that of the health command; None without a health check. Each probe was sent twice (`again`), to
    see which answers change by themselves. `abilities`: None where they were not asked for, or no Python could be asked.
    """

    user: str
    imports: dict[str, str | None] | None
    ended: int | None
    output: str
    listens: bool | None
    health: str | None
    replies: tuple[Reply, ...]
    again: tuple[Reply, ...]
    commands: tuple[tuple[int, str], ...]
    abilities: Answers | None = None


def observe(
    engine: Engine,
    image: str,
    port: int | None,
    settings: VerifySettings,
    *,
    health: bool,
    on_event: EventSink,
    at_end: Callable[[Container], None] | None = None,
) -> Observation:
    """Start `image` and ask everything. `health`: whether the image has a health check to wait for. `at_end` gets the
    container before it is taken away."""
    on_event(Event("step", f"asking {image}"))
    imports = _imports(engine, image, settings)
    abilities = None
    if settings.abilities:
        abilities = ask_abilities(engine, image, settings.user, PYTHON, settings.without_abilities)
    user = engine.run(image, ["/bin/sh", "-c", "id -u"], user=settings.user)
    try:
        container = engine.start(image, user=settings.user, env=settings.env, network=settings.network)
    except EngineError as error:
        output = f"{error.message}: {error.detail or ''}"
        return Observation(
            user.stdout.strip(), imports, 125, output, False if port else None, None, (), (), (), abilities
        )
    try:
        listens = _wait(container, port, settings)
        ended = container.exit_code()
        running = ended is None
        replies = tuple(_send(container, probe, port) for probe in settings.probes) if running else ()
        again = tuple(_send(container, probe, port) for probe in settings.probes) if running else ()
        state = _health(container) if health and running else None
        logs = container.logs()
        commands = tuple(_command(engine, image, line, settings) for line in settings.commands)
        output = logs.stdout if not running else logs.stdout + logs.stderr
        if ended:
            output += logs.stderr
        found = Observation(
            user.stdout.strip(), imports, ended, output, listens, state, replies, again, commands, abilities
        )
        if at_end is not None:
            at_end(container)
        return found
    finally:
        container.remove()


def _wait(container: Container, port: int | None, settings: VerifySettings) -> bool | None:
    """Until the port listens or the process ends; without a port, until it has settled or ended."""
    deadline = time.monotonic() + settings.startup_timeout_s
    settled = time.monotonic() + settings.settle_s
    while time.monotonic() < deadline:
        if container.exit_code() is not None:
            return False if port is not None else None
        if port is None:
            if not settings.probes and time.monotonic() > settled and _quiet(container):
                return None
        elif any(container.execute([python, "-c", LISTENS, str(port)]).returncode == 0 for python in PYTHON):
            return True
        time.sleep(0.3)
    return False if port is not None else None


def _quiet(container: Container) -> bool:
    """Whether nothing more is printed for a while: a service that waits, not a job that works."""
    before = container.logs().stdout
    time.sleep(2.0)
    return container.exit_code() is None and container.logs().stdout == before


def _send(container: Container, probe: Probe, port: int | None) -> Reply:
    if port is None:
        return Reply(error="no port is known: set [verify] port, or EXPOSE it")
    url = f"http://127.0.0.1:{port}{probe.path}"
    spec = json.dumps(
        {"url": url, "method": probe.method, "body": probe.body, "headers": dict(probe.headers)}
    )
    answer = None
    for python in PYTHON:
        answer = container.execute([python, "-c", REQUEST], stdin=spec, timeout_s=90)
        if answer.returncode not in (126, 127):
            break
    if answer is None or answer.returncode != 0:
        lines = (answer.stderr if answer else "").strip().splitlines()
        return Reply(error=lines[-1] if lines else "no answer")
    found = json.loads(answer.stdout.strip().splitlines()[-1])
    return Reply(found["status"], found["type"], base64.b64decode(found["body"]))


def _health(container: Container) -> str | None:
    deadline = time.monotonic() + HEALTH_S
    state = container.health()
    while state in ("starting", None) and time.monotonic() < deadline:
        time.sleep(1.0)
        state = container.health()
    return state


def _imports(engine: Engine, image: str, settings: VerifySettings) -> dict[str, str | None] | None:
    """Module → None or its error; None when no Python could be asked."""
    if not settings.imports:
        return {}
    spec = json.dumps(list(settings.imports))
    for python in PYTHON:
        answer = engine.run(image, [python, "-c", IMPORT], user=settings.user, stdin=spec, timeout_s=300)
        if answer.returncode == 0:
            found = json.loads(answer.stdout.strip().splitlines()[-1])
            return {str(name): error for name, error in found.items()}
    return None


def _command(engine: Engine, image: str, line: str, settings: VerifySettings) -> tuple[int, str]:
    answer = engine.run(image, ["/bin/sh", "-c", line], user=settings.user, timeout_s=600)
    return answer.returncode, answer.stdout
