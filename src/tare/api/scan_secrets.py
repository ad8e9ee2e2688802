"""Secrets of images and projects as the report has them: where, and what to do."""

from pathlib import Path

from tare.api.dockerfiles import find_dockerfiles, read_dockerfile
from tare.context.walk import read_context, shown
from tare.core.errors import UsageError
from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.report.units import safe
from tare.schema.lint import FileError
from tare.schema.scan import Secret, SecretsRead
from tare.security.policy import PolicyRun
from tare.security.secrets.configuration import in_configuration
from tare.security.secrets.layers import Counted, LayerSearch
from tare.security.secrets.places import Located
from tare.security.secrets.project import in_context, in_dockerfile
from tare.security.secrets.proof import Proofs

_SETTINGS = {
    "env": "the environment",
    "label": "a label",
    "entrypoint": "the entry point",
    "cmd": "the command",
    "healthcheck": "the health check",
    "shell": "the shell",
    "history": "the build history",
    "configuration": "the image configuration",
}


def secrets_of_image(analysis: Analysis, contents: Contents) -> tuple[list[Located], SecretsRead]:
    """Everything in the configuration and in all layers. Raises `ImageError`."""
    counted = Counted()
    search = LayerSearch(analysis, contents, Proofs.of(analysis.scans), counted)
    found = [*in_configuration(analysis.image), *search.run()]
    return found, _read(counted)


def secrets_of_project(path: Path) -> tuple[list[Located], SecretsRead]:
    """Dockerfiles, and the context of the first: what a build would send. Raises `ContextError`, `UsageError`."""
    counted = Counted()
    found: list[Located] = []
    dockerfiles = []
    for one in find_dockerfiles([path]):
        text = one if isinstance(one, FileError) else read_dockerfile(one)
        if isinstance(text, FileError):
            counted.unread = [*(counted.unread or []), f"{text.path}: {text.message}"]
            continue
        assert isinstance(one, Path)
        dockerfiles.append(one)
        counted.files += 1
        counted.read_bytes += len(text)
        found += in_dockerfile(text, shown(str(one)))
    if path.is_dir():
        context = read_context(path, dockerfiles[0] if dockerfiles else path / "Dockerfile")
        known = {one.resolve() for one in dockerfiles}
        found += [
            one for one in in_context(context, counted) if (path / one.place.path).resolve() not in known
        ]
        counted.unread = [
            *(counted.unread or []),
            *(f"{one.path}: {one.message}" for one in context.problems),
        ]
    elif not dockerfiles:
        raise UsageError("cannot be read", where=str(path), detail="\n".join(counted.unread or ()))
    return found, _read(counted)


def _read(counted: Counted) -> SecretsRead:
    return SecretsRead(
        counted.files,
        counted.read_bytes,
        counted.proven_files,
        counted.proven_bytes,
        tuple(dict.fromkeys(counted.unread or ())),
    )


def secret(located: Located, run: PolicyRun) -> Secret:
    """A secret for the report; the policy may name it by its fingerprint, its code or its name."""
    found, place = located.found, located.place
    variable = place.name or found.variable
    path = safe(place.path)
    return Secret(
        code=found.code,
        name=found.name,
        severity=found.severity,
        message=_message(located, variable),
        place=place.kind,
        path=path,
        line=place.line,
        column=place.column,
        layer=place.layer,
        instruction=_without(place.instruction, located),
        variable=safe(variable),
        visible=place.hidden_in is None,
        hidden_in=place.hidden_in,
        hidden_by=place.hidden_by,
        shown=found.shown,
        fingerprint=found.fingerprint,
        doubt=found.doubt,
        remedy=_remedy(located),
        ignored=run.ignored({found.fingerprint, found.code, found.name}, found.name, path),
    )


def _without(instruction: str, located: Located) -> str:
    """An instruction's first words: the rest may hold the value."""
    words = instruction.split(None, 1)
    if located.place.kind != "file" or not words:
        return instruction
    return instruction if words[0] in ("COPY", "ADD") else f"{words[0]} …"


def _message(located: Located, variable: str) -> str:
    found, place = located.found, located.place
    if place.kind in _SETTINGS:
        where = _SETTINGS[place.kind] + (f" ({safe(variable)})" if variable else "")
    else:
        where = safe(place.path) + ("" if place.line is None else f":{place.line}")
    what = (
        f"{found.title} {safe(variable)}" if found.variable and place.kind not in _SETTINGS else found.title
    )
    hidden = (
        "" if place.hidden_in is None else f"; layer {place.hidden_in} hides it, and it is still in the image"
    )
    doubt = f" ({found.doubt})" if found.doubt else ""
    return f"{what} in {where}{hidden}{doubt}"


def _remedy(located: Located) -> str:
    place = located.place
    at = f" ({located.found.revoke})" if located.found.revoke else ""
    match place.kind:
        case "dockerfile":
            edit = "use RUN --mount=type=secret for what the build needs, and give the rest when the container starts"
        case "context":
            edit = "name the file in .dockerignore"
        case "history":
            edit = "use RUN --mount=type=secret in place of the build argument or the literal"
        case "file" if place.hidden_in is not None:
            edit = "a later layer cannot remove it: use RUN --mount=type=secret, or never copy it, and build anew"
        case "file":
            edit = "keep the file out of the build, and mount it when the container starts"
        case _:
            edit = "take it out of the Dockerfile, and give it when the container starts"
    return f"{edit}; then replace the secret{at}: whoever has a copy knows it"
