"""Runs of an image before and after, on an engine: loaded under names of their own, asked, and taken away again."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tare.build.engine import Engine
from tare.build.process import ask
from tare.core.errors import EngineError
from tare.core.events import EventSink
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.destination import Destination
from tare.image.mutate import Draft
from tare.image.reference import Transport
from tare.image.sources.docker_engine import DEFAULT_HOST
from tare.image.write import WriteSettings, write_image
from tare.schema.run import Verification
from tare.verify import VerifySettings
from tare.verify.checks import Subject, look
from tare.verify.observe import Observation


def load(engine: Engine, draft: Draft, contents: Contents, name: str, environ: Mapping[str, str]) -> None:
    """Give a draft to an engine under a name. Raises `EngineError`."""
    host = environ.get("DOCKER_HOST") or DEFAULT_HOST
    settings = WriteSettings(Compression("none"), docker_host=host)
    if engine.name == "docker":
        write_image([(draft, contents)], Destination(Transport.DOCKER_DAEMON, Path(), name), settings)
        return
    with tempfile.TemporaryDirectory(prefix="tare-") as folder:
        archive = Path(folder, "image.tar")
        write_image([(draft, contents)], Destination(Transport.DOCKER_ARCHIVE, archive, name), settings)
        answer = ask(["podman", "load", "-q", "-i", str(archive)], timeout_s=1800)
        if answer.returncode != 0:
            raise EngineError(f"{engine.name} did not take the image", detail=answer.stderr.strip())


@contextmanager
def loaded(engine: Engine, draft: Draft, contents: Contents, environ: Mapping[str, str]) -> Iterator[str]:
    """A draft as an image of the engine; its name. It is removed at the end."""
    name = f"tare-slim-{secrets.token_hex(6)}:latest"
    try:
        load(engine, draft, contents, name, environ)
        yield name
    finally:
        engine.remove(name)
        if engine.name != "docker":
            engine.remove(f"localhost/{name}")


def subject_of(draft: Draft, name: str) -> Subject:
    """Whom verification asks."""
    config = draft.analysis.image.config
    ports = [int(port.partition("/")[0]) for port in config.exposed_ports if port.partition("/")[0].isdigit()]
    return Subject(name, min(ports, default=None), bool(config.healthcheck))


def observe(
    engine: Engine, draft: Draft, name: str, settings: VerifySettings, on_event: EventSink
) -> Observation:
    """Start and ask."""
    return look(engine, subject_of(draft, name), settings, on_event=on_event)


def seen_bytecode(
    engine: Engine, draft: Draft, name: str, settings: VerifySettings, on_event: EventSink
) -> frozenset[str]:
    """Bytecode files that a start reads, told by the interpreter itself (PYTHONVERBOSE)."""
    asked = msgspec.structs.replace(
        settings, imports=(), commands=(), abilities=False, env={**settings.env, "PYTHONVERBOSE": "1"}
    )
    output = look(engine, subject_of(draft, name), asked, on_event=on_event).output
    found = set()
    for line in output.splitlines():
        words = line.split()
        if len(words) == 4 and words[0] == "#" and words[2] == "matches" and words[1].endswith(".pyc"):
            found.add(words[1].lstrip("/"))
    return frozenset(found)


def accepted(verification: Verification) -> bool:
    """No check failed, at least one passed, and what the image before could answer the one after can, too."""
    checks = verification.checks
    lost = [
        check
        for check in checks
        if check.passed is False or (check.passed is None and check.kind == "import")
    ]
    return not lost and any(check.passed for check in checks)
