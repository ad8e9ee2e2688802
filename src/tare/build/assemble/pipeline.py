"""From a base image, requirements and an application to a draft of an image, with nothing run on the way."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tare.build.assemble.application import Application
from tare.build.assemble.install import Environment, unpacked
from tare.build.assemble.interpreter import Interpreter, find_interpreter
from tare.build.assemble.layers import (
    Installed,
    application_layer,
    environment_layer,
    package_layers,
    size_of,
    text_entry,
)
from tare.build.assemble.wheels import Wheel, fetch_wheels
from tare.core.errors import ResolutionError
from tare.core.events import Event, EventSink, null_sink
from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.mutate import Draft, DraftEntry, ImageJson, KeptLayer, NewLayer, read_config_json
from tare.image.tarhead import FILE
from tare.knowledge.index import PackageIndex
from tare.knowledge.requirement_lines import FlatRequirements
from tare.knowledge.resolve import resolve

PREFIX = "/opt/venv"


@dataclass(frozen=True, slots=True)
class Assembly:
    """An assembled image, not written yet."""

    draft: Draft
    wheels: tuple[Wheel, ...]
    interpreter: Interpreter
    own_layers: int


def assemble(
    analysis: Analysis,
    contents: Contents,
    flat: FlatRequirements,
    application: Application,
    *,
    cache: Path,
    environ: Mapping[str, str],
    on_event: EventSink = null_sink,
) -> Assembly:
    """Resolve for the base's Python and platform, fetch, unpack, and lay the layers: environment, small packages, large
    packages, application. Raises `ResolutionError`, `NetworkError` or `ImageError`."""
    interpreter = find_interpreter(analysis, contents)
    target = interpreter.target
    on_event(
        Event("step", f"resolving for Python {target.python_version}, {target.libc}, {target.architecture}")
    )
    environment = Environment(PREFIX, interpreter.path, target.python_version)
    with PackageIndex(flat.settings) as index:
        resolution = resolve(flat, target, index, environ=environ)
        on_event(Event("step", f"fetching {len(resolution.packages)} wheels"))
        wheels = fetch_wheels(resolution, target, index, cache / "wheels", on_event)
    on_event(Event("step", "unpacking"))
    with ThreadPoolExecutor(2) as pool:
        roots = list(pool.map(lambda wheel: unpacked(wheel, environment, cache / "installed"), wheels))
    packages = [
        Installed(wheel.name, wheel.version, root, size_of(root))
        for wheel, root in zip(wheels, roots, strict=True)
    ]
    try:
        layers = package_layers(packages)
    except FileExistsError as error:
        raise ResolutionError(str(error), hint="leave one of the two packages out") from error
    user = _user(application.user)
    own: list[NewLayer] = [environment_layer(environment, interpreter.path), *layers]
    top = application_layer(application.files, user, _owned(application))
    accounts = _accounts(analysis, contents, user)
    own.append(NewLayer((*accounts, *top.entries), None, top.created_by))
    kept = tuple(KeptLayer(layer.index, _history(analysis, layer.index)) for layer in analysis.image.layers)
    config = _config(read_config_json(analysis), application, environment)
    return Assembly(Draft(analysis, config, (*kept, *own)), wheels, interpreter, len(own))


def _history(analysis: Analysis, index: int) -> int | None:
    places = [at for at, step in enumerate(analysis.image.config.history) if not step.empty_layer]
    return places[index] if len(places) == len(analysis.image.layers) else None


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


def _accounts(analysis: Analysis, contents: Contents, user: tuple[int, int]) -> tuple[DraftEntry, ...]:
    """`/etc/passwd` and `/etc/group` with the user in them, where its number is not there yet."""
    uid, gid = user
    if not uid:
        return ()
    found: list[DraftEntry] = []
    for path, line in (
        ("etc/passwd", f"app:x:{uid}:{gid}::/home/app:/bin/sh"),
        ("etc/group", f"app:x:{gid}:"),
    ):
        node = analysis.tree.resolve(path)
        text = ""
        if node is not None and node.inode.entry.kind is FILE:
            text = contents.read(node.inode).decode("utf-8", "surrogateescape")
        number = str(uid if path.endswith("passwd") else gid)
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
