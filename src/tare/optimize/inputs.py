"""What a build cannot do without, asked for before anything is built: arguments, secrets, files that the ignore file hides."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from tare.context.walk import Context
from tare.core.errors import UsageError
from tare.dockerfile import Dockerfile, Stage

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def check_inputs(
    document: Dockerfile,
    context: Context,
    path: Path,
    build_args: Mapping[str, str],
    secrets: Mapping[str, str],
) -> None:
    """Raises `UsageError`, with place and hint, for the first thing that the final stage needs and that is not given."""
    for stage in _needed(document):
        line = f"{path}:{stage.from_.line}"
        if stage.parent is None:
            _base(document, stage, line, build_args)
        for node in stage.instructions:
            if node.keyword == "RUN":
                _secrets(node.flag_values("mount"), f"{path}:{node.line}", secrets)
            elif node.keyword in ("COPY", "ADD") and node.flag("from") is None:
                for source in node.as_copy().sources:
                    _source(context, source, f"{path}:{node.line}")


def _needed(document: Dockerfile) -> list[Stage]:
    """The final stage with all stages that it starts from or copies from."""
    found: list[Stage] = []
    queue = [document.final]
    while queue:
        stage = queue.pop()
        if any(stage is one for one in found):
            continue
        found.append(stage)
        if stage.parent is not None:
            queue.append(document.stages[stage.parent])
        for node in stage.instructions:
            names = [
                name
                for value in node.flag_values("mount")
                for name in re.findall(r"(?:^|,)from=([^,]+)", value)
            ]
            names += [name for name in (node.flag("from"),) if name]
            queue += [other for name in names if (other := document.stage(name)) is not None]
    return found


def _base(document: Dockerfile, stage: Stage, where: str, build_args: Mapping[str, str]) -> None:
    first = document.stages[0].from_.span.start
    given = {
        key
        for node in document.instructions
        if node.keyword == "ARG" and node.span.start < first
        for key, value in node.env_pairs()
        if value is not None or key in build_args
    }
    for match in VARIABLE.finditer(stage.base_raw):
        name = match[1] or match[2]
        if name not in given and not name.startswith(("TARGET", "BUILD")):
            raise UsageError(
                f"FROM {stage.base_raw} needs a value for {name}, which the file does not give",
                where=where,
                hint=f"--build-arg {name}=VALUE, or a default: ARG {name}=VALUE",
            )


def _secrets(mounts: tuple[str, ...], where: str, secrets: Mapping[str, str]) -> None:
    for mount in mounts:
        fields = dict(part.partition("=")[::2] for part in mount.split(","))
        if fields.get("type") != "secret" or fields.get("required", "false").lower() not in ("true", "1", ""):
            continue
        if "required" not in fields:
            continue
        name = fields.get("id") or posixpath.basename(fields.get("target", ""))
        if name not in secrets:
            raise UsageError(
                f"the step requires the secret {name}", where=where, hint=f"--secret id={name},src=FILE"
            )


def _source(context: Context, source: str, where: str) -> None:
    if re.search(r"[*?\[\]$\\]|^\w+://|^git@", source):
        return
    name = posixpath.normpath(source.lstrip("/"))
    entry = context.by_path.get(name)
    if entry is None or not entry.ignored or not (context.root / name).is_file():
        return
    ignore = context.ignore_path.name if context.ignore_path is not None else ".dockerignore"
    raise UsageError(
        f"{source} is there, but {ignore} keeps it out of the build",
        where=where,
        hint=f"add a line !{name} at the end of {ignore}",
    )
