"""Image references: transports as skopeo and podman name them, and Docker's own reference grammar.

Grammar: distribution/reference (https://pkg.go.dev/github.com/distribution/reference), `reference := name [":" tag]
["@" digest]`, with Docker's familiar names (`python` is `docker.io/library/python`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from tare.core.errors import UsageError


class Transport(StrEnum):
    """Where an image comes from."""

    DOCKER_DAEMON = "docker-daemon"
    DOCKER_ARCHIVE = "docker-archive"
    OCI = "oci"
    OCI_ARCHIVE = "oci-archive"
    REGISTRY = "docker"
    CONTAINERS_STORAGE = "containers-storage"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ImageReference:
    """A transport and what it needs: a path for archives and layouts, a name for engines and registries.

    For paths, `tag` is what follows the path's colon. `AUTO` is a bare word: a path if there is one, else a name.
    """

    transport: Transport
    path: str = ""
    name: str = ""
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        body = self.path or self.name
        body += f":{self.tag}" if self.tag else ""
        body += f"@{self.digest}" if self.digest else ""
        if self.transport is Transport.AUTO:
            return body
        return f"{self.transport.value}:{'//' if self.transport is Transport.REGISTRY else ''}{body}"


@dataclass(frozen=True, slots=True)
class DockerName:
    """A name as the engines and registries understand it; `domain` and `repository` are normalised."""

    domain: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def familiar(self) -> str:
        """The short form that people type."""
        repository = self.repository
        if self.domain == "docker.io":
            return repository.removeprefix("library/")
        return f"{self.domain}/{repository}"


_TRANSPORTS = frozenset(transport.value for transport in Transport) - {"auto"}
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_NAME = rf"(?:{_DOMAIN}/)?{_COMPONENT}(?:/{_COMPONENT})*"
_TAG = r"[\w][\w.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(rf"(?P<name>{_NAME})(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?", re.ASCII)
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")


def parse_name(text: str) -> DockerName:
    """Read a name such as `python:3.11` or `host:5000/a/b@sha256:…`; raises `UsageError`."""
    match = _REFERENCE.fullmatch(text)
    if match is None or _IDENTIFIER.fullmatch(text):
        lower = text.lower()
        hint = f"repository names are lower case: {lower}" if lower != text else "use NAME[:TAG][@DIGEST]"
        raise UsageError(f"not an image name: {text!r}", hint=hint)
    first, slash, rest = match["name"].partition("/")
    if not slash or not (
        any(mark in first for mark in ".:[") or first == "localhost" or first.lower() != first
    ):
        domain, repository = "docker.io", match["name"]
    else:
        domain, repository = first, rest
    if domain in ("docker.io", "index.docker.io"):
        domain = "docker.io"
        repository = repository if "/" in repository else f"library/{repository}"
    if len(repository) > 255:
        raise UsageError(f"the repository name is longer than 255 characters: {repository[:60]}…")
    return DockerName(domain, repository, match["tag"], match["digest"])


def parse_reference(text: str) -> ImageReference:
    """Read `transport:rest` or a bare word; raises `UsageError` with the transports that exist."""
    if not text or "\0" in text:
        raise UsageError(
            "an empty image reference", hint="for example docker-archive:image.tar or python:3.11"
        )
    prefix, colon, rest = text.partition(":")
    if not colon or prefix not in _TRANSPORTS:
        return ImageReference(Transport.AUTO, path=text)
    transport = Transport(prefix)
    if transport is Transport.REGISTRY:
        if not rest.startswith("//"):
            raise UsageError(f"a registry reference needs two slashes: docker://{rest}")
        rest = rest[2:]
    if not rest:
        raise UsageError(f"nothing after {prefix}:", hint=f"for example {prefix}:NAME")
    if transport in (Transport.DOCKER_ARCHIVE, Transport.OCI, Transport.OCI_ARCHIVE):
        path, _, tag = rest.partition(":")
        return ImageReference(transport, path=path, tag=tag or None)
    if transport is Transport.CONTAINERS_STORAGE:
        return ImageReference(transport, name=rest)  # may begin with [DRIVER@ROOT]; the source reads it
    if _IDENTIFIER.fullmatch(rest) or re.fullmatch(r"sha256:[a-f0-9]{64}", rest):
        return ImageReference(transport, name=rest)
    name = parse_name(rest)
    bare = rest.partition("@")[0]
    if name.tag:
        bare = bare.removesuffix(f":{name.tag}")
    return ImageReference(transport, name=bare, tag=name.tag, digest=name.digest)
