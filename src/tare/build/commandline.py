"""Engines that are driven by a command line in docker's style: running, looking, exporting, removing."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tare.build.engine import BuildRequest, Container
from tare.build.process import Answer, ask
from tare.core.errors import EngineError
from tare.core.redaction import Redaction

NO_SPACE = "no space left on device"


@dataclass(frozen=True, slots=True)
class CommandContainer:
    """A container behind `docker` or `podman`. `runs_checks`: the engine itself runs health checks; otherwise one is
    run whenever it is asked for."""

    client: tuple[str, ...]
    identity: str
    runs_checks: bool = True

    def execute(self, command: Sequence[str], *, stdin: str | None = None, timeout_s: float = 60.0) -> Answer:
        """See `engine.Container`."""
        return ask([*self.client, "exec", "-i", self.identity, *command], stdin=stdin, timeout_s=timeout_s)

    def exit_code(self) -> int | None:
        """See `engine.Container`."""
        state = self._state()
        status = str(state.get("Status", ""))
        if status in ("running", "created", "configured", "initialized"):
            return None
        code = state.get("ExitCode", 1)
        return code if isinstance(code, int) else 1

    def logs(self) -> Answer:
        """See `engine.Container`."""
        return ask([*self.client, "logs", self.identity])

    def health(self) -> str | None:
        """See `engine.Container`."""
        if not self.runs_checks:
            answer = ask([*self.client, "healthcheck", "run", self.identity])
            return "healthy" if answer.returncode == 0 else "starting"
        state = self._state()
        found = state.get("Health") or state.get("Healthcheck")
        status = found.get("Status") if isinstance(found, dict) else None
        return str(status) if status and status != "none" else None

    def copy(self, path: str, target: Path) -> None:
        """See `engine.Container`."""
        ask([*self.client, "cp", f"{self.identity}:{path}", str(target)], timeout_s=600)

    def remove(self) -> None:
        """See `engine.Container`."""
        ask([*self.client, "rm", "-f", "-v", self.identity])

    def _state(self) -> dict[str, object]:
        answer = ask([*self.client, "inspect", "--format", "{{json .State}}", self.identity])
        if answer.returncode != 0:
            return {"Status": "gone", "ExitCode": 1}
        state = json.loads(answer.stdout)
        return state if isinstance(state, dict) else {}


def create(
    client: tuple[str, ...],
    flags: Sequence[str],
    image: str,
    command: Sequence[str] | None,
    user: str | None,
    env: Mapping[str, str] | None,
    network: str,
    *,
    runs_checks: bool = True,
) -> Container:
    """Start a container in the background. Values of `env` travel through the client's environment, never through its
    arguments, which everybody on the machine can read. Raises `EngineError` when the engine cannot."""
    words = [*client, "run", "-d", f"--network={network}", *flags]
    words += [f"--user={user}"] if user else []
    for key in env or {}:
        words += ["--env", key]
    answer = ask([*words, image, *(command or ())], env=env)
    if answer.returncode != 0:
        raise EngineError(f"the container of {image} cannot be started", detail=answer.stderr.strip())
    return CommandContainer(client, answer.stdout.strip().splitlines()[-1], runs_checks)


def run_once(
    client: tuple[str, ...],
    flags: Sequence[str],
    image: str,
    command: Sequence[str],
    user: str | None,
    stdin: str | None,
    timeout_s: float,
) -> Answer:
    """Run one command in a fresh container without network."""
    words = [*client, "run", "--rm", "-i", "--network=none", *flags, "--entrypoint", command[0]]
    words += [f"--user={user}"] if user else []
    return ask([*words, image, *command[1:]], stdin=stdin, timeout_s=timeout_s)


def configuration(client: tuple[str, ...], image: str) -> Mapping[str, object]:
    """The image's configuration. Raises `EngineError` when there is no such image."""
    answer = ask([*client, "image", "inspect", "--format", "{{json .}}", image])
    if answer.returncode != 0:
        raise EngineError(
            f"there is no image {image}", detail=answer.stderr.strip(), hint="build or pull it first"
        )
    found = json.loads(answer.stdout)
    inner = dict(found.get("Config") or {})
    if "Healthcheck" in found:
        inner.setdefault("Healthcheck", found["Healthcheck"])
    return inner


def save(client: tuple[str, ...], flags: Sequence[str], image: str, target: Path) -> None:
    """Write a docker-archive. What the client needs on the way stands beside it, and goes with it when it is killed."""
    words = [*client, "save", *flags, "-o", str(target), image]
    answer = ask(words, timeout_s=3600, env={"TMPDIR": str(target.parent)})
    if answer.returncode != 0:
        full = NO_SPACE in answer.stderr
        hint = "free some disk space" if full else None
        raise EngineError(f"{image} cannot be exported", detail=answer.stderr.strip(), hint=hint)


@contextmanager
def staged(request: BuildRequest) -> Iterator[tuple[Path, dict[str, Path]]]:
    """The Dockerfile (with its own ignore file beside it) and the secrets as private files."""
    directory = Path(tempfile.mkdtemp(prefix="tare-build-"))
    try:
        dockerfile = directory / "Dockerfile"
        dockerfile.write_bytes(request.dockerfile.encode())
        (directory / "Dockerfile.dockerignore").write_bytes((request.dockerignore or "").encode())
        secrets = {}
        for number, (name, value) in enumerate(request.secrets.items()):
            path = directory / f"secret-{number}"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as handle:
                handle.write(value)
            secrets[name] = path
        yield dockerfile, secrets
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def hidden_in(request: BuildRequest, sink: Callable[[str], None]) -> Callable[[str], None]:
    """A line consumer that never sees the value of a secret, nor of a build argument whose name says that it is one."""
    redaction = Redaction.of_build(request.secrets, request.build_args)
    return lambda line: sink(redaction.text(line))
