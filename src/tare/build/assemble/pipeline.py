"""From a base image, requirements and an application to a draft of an image, with nothing run on the way."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tare.build.assemble.application import Application
from tare.build.assemble.base import BaseFacts, unread
from tare.build.assemble.install import Environment, unpacked
from tare.build.assemble.interpreter import Interpreter
from tare.build.assemble.inventory import inventory
from tare.build.assemble.layers import (
    Installed,
    application_layer,
    environment_layer,
    package_layers,
    text_entry,
)
from tare.build.assemble.lock import lock
from tare.build.assemble.wheels import Wheel
from tare.core.errors import ResolutionError
from tare.core.events import Event, EventSink, null_sink
from tare.image.model import Image
from tare.image.mutate import Draft, DraftEntry, ImageJson, KeptLayer, NewLayer, read_config_json
from tare.knowledge.requirement_lines import FlatRequirements

PREFIX = "/opt/venv"


@dataclass(frozen=True, slots=True)
class Assembly:
    """An assembled image, not written yet. `reused_lock`: the wheels are those of a run before."""

    draft: Draft
    wheels: tuple[Wheel, ...]
    interpreter: Interpreter
    own_layers: int
    reused_lock: bool


def assemble(
    image: Image,
    base: BaseFacts,
    flat: FlatRequirements,
    application: Application,
    *,
    cache: Path,
    environ: Mapping[str, str],
    fresh: bool = False,
    on_event: EventSink = null_sink,
) -> Assembly:
    """Lock for the base's Python and platform, fetch, unpack, and lay the layers: environment, small packages, large
    packages, application. Raises `ResolutionError`, `NetworkError` or `ImageError`."""
    interpreter = base.interpreter
    environment = Environment(PREFIX, interpreter.path, interpreter.target.python_version)
    locked = lock(flat, interpreter.target, cache, environ, on_event, fresh=fresh)
    on_event(Event("step", "unpacking"))

    def installed(wheel: Wheel) -> Installed:
        root = unpacked(wheel, environment, cache / "installed")
        return Installed(wheel, root, inventory(wheel, root))

    with ThreadPoolExecutor(2) as pool:
        packages = list(pool.map(installed, locked.wheels))
    try:
        layers = package_layers(packages)
    except FileExistsError as error:
        raise ResolutionError(str(error), hint="leave one of the two packages out") from error
    user = _user(application.user)
    own: list[NewLayer] = [environment_layer(environment, interpreter.path), *layers]
    top = application_layer(application.files, user, _owned(application))
    own.append(NewLayer((*_accounts(base, user), *top.entries), None, top.created_by))
    analysis = unread(image)
    kept = tuple(KeptLayer(layer.index, _history(image, layer.index)) for layer in image.layers)
    config = _config(read_config_json(analysis), application, environment)
    draft = Draft(analysis, config, (*kept, *own))
    return Assembly(draft, locked.wheels, interpreter, len(own), locked.reused)


def _history(image: Image, index: int) -> int | None:
    places = [at for at, step in enumerate(image.config.history) if not step.empty_layer]
    return places[index] if len(places) == len(image.layers) else None


def _user(text: str) -> tuple[int, int]:
    """User and group as numbers; 0 where they are names, which only the image can tell."""
    user, _, group = text.partition(":")
    uid = int(user) if user.isdigit() else 0
    return uid, int(group) if group.isdigit() else uid


def _owned(application: Application) -> list[str]:
    """Directories in which the application may write."""
    wanted = [application.workdir, *application.volumes, _home(application)]
    return [path for path in wanted if path and re.fullmatch(r"(?:/[\w.-]+)+", path)]


def _home(application: Application) -> str | None:
    return "/home/app" if _user(application.user)[0] else None


def _accounts(base: BaseFacts, user: tuple[int, int]) -> tuple[DraftEntry, ...]:
    """`/etc/passwd` and `/etc/group` with the user in them, where its number is not there yet."""
    uid, gid = user
    if not uid:
        return ()
    found: list[DraftEntry] = []
    for path, number, line in (
        ("etc/passwd", str(uid), f"app:x:{uid}:{gid}::/home/app:/bin/sh"),
        ("etc/group", str(gid), f"app:x:{gid}:"),
    ):
        text = base.accounts.get(path, "")
        if any(row.split(":")[2:3] == [number] for row in text.splitlines()):
            continue
        found.append(text_entry(path, text + ("" if text.endswith("\n") or not text else "\n") + line + "\n"))
    return tuple(found)


def _config(base: ImageJson, application: Application, environment: Environment) -> ImageJson:
    """The base's configuration with what the application says (OCI image specification, config.md)."""
    config = dict(base)
    inner = dict(config.get("config") or {})
    env = dict(pair.partition("=")[::2] for pair in inner.get("Env") or ())
    path = env.get("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    env |= {"VIRTUAL_ENV": environment.prefix, "PATH": f"{environment.prefix}/bin:{path}"}
    given = {key: value for key, value in application.env.items() if key not in ("PATH", "VIRTUAL_ENV")}
    inner["Env"] = [f"{key}={value}" for key, value in (env | given).items()]
    if application.entrypoint is not None:
        inner["Entrypoint"] = list(application.entrypoint) or None
        inner["Cmd"] = None
    if application.cmd is not None:
        inner["Cmd"] = list(application.cmd) or None
    inner["User"] = application.user
    if application.workdir:
        inner["WorkingDir"] = application.workdir
    if application.labels:
        inner["Labels"] = {**(inner.get("Labels") or {}), **application.labels}
    if application.exposed:
        inner["ExposedPorts"] = {
            **(inner.get("ExposedPorts") or {}),
            **{port: {} for port in application.exposed},
        }
    if application.volumes:
        inner["Volumes"] = {**(inner.get("Volumes") or {}), **{path: {} for path in application.volumes}}
    if application.healthcheck is not None:
        inner["Healthcheck"] = {"Test": list(application.healthcheck), **application.healthcheck_timing}
    config["config"] = {key: value for key, value in inner.items() if value is not None}
    return config
