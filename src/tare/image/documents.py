"""The JSON documents of an image, read at the edge into typed values.

Formats: OCI image specification (manifest, index, config) and Docker image manifest version 2, schema 2.
Unknown fields are left alone; wrong types raise `ImageError`.
"""

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from tare.core.errors import ImageError
from tare.image.digests import check_digest_syntax

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
INDEX_TYPES = frozenset({OCI_INDEX, DOCKER_LIST})
MANIFEST_TYPES = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
_MAX_SIZE = 1 << 62

_T = TypeVar("_T")


class Platform(msgspec.Struct, frozen=True):
    """What a manifest of an index is for."""

    architecture: str = ""
    os: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class Descriptor(msgspec.Struct, frozen=True, rename="camel"):
    """A reference to a blob."""

    media_type: str = ""
    digest: str = ""
    size: int = 0
    urls: list[str] | None = None
    annotations: dict[str, str] | None = None
    platform: Platform | None = None


class _Manifest(msgspec.Struct, frozen=True, rename="camel"):
    config: Descriptor
    layers: list[Descriptor]
    schema_version: int = 2


class _Index(msgspec.Struct, frozen=True, rename="camel"):
    manifests: list[Descriptor] = []
    media_type: str = ""


class HistoryStep(msgspec.Struct, frozen=True):
    """One entry of the build history."""

    created_by: str = ""
    created: str = ""
    comment: str = ""
    author: str = ""
    empty_layer: bool = False


class _RunConfig(msgspec.Struct, frozen=True):
    user: str | None = msgspec.field(name="User", default=None)
    env: list[str] | None = msgspec.field(name="Env", default=None)
    entrypoint: list[str] | None = msgspec.field(name="Entrypoint", default=None)
    cmd: list[str] | None = msgspec.field(name="Cmd", default=None)
    workdir: str | None = msgspec.field(name="WorkingDir", default=None)
    labels: dict[str, str] | None = msgspec.field(name="Labels", default=None)
    ports: dict[str, object] | None = msgspec.field(name="ExposedPorts", default=None)
    volumes: dict[str, object] | None = msgspec.field(name="Volumes", default=None)
    healthcheck: dict[str, object] | None = msgspec.field(name="Healthcheck", default=None)
    stop_signal: str | None = msgspec.field(name="StopSignal", default=None)
    shell: list[str] | None = msgspec.field(name="Shell", default=None)


class _RootFs(msgspec.Struct, frozen=True):
    diff_ids: list[str] | None = None
    type: str = "layers"


class _Config(msgspec.Struct, frozen=True):
    architecture: str = ""
    os: str = ""
    variant: str = ""
    created: str | None = None
    config: _RunConfig | None = None
    rootfs: _RootFs | None = None
    history: list[HistoryStep] | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest: the configuration's and the layers' descriptors, lowest layer first."""

    config: Descriptor
    layers: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What the image configuration says; empty values where it says nothing."""

    platform: Platform
    created: str
    user: str
    env: tuple[str, ...]
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    workdir: str
    labels: dict[str, str]
    exposed_ports: tuple[str, ...]
    volumes: tuple[str, ...]
    healthcheck: tuple[str, ...]
    """The test; empty when there is none or it is `NONE`."""
    stop_signal: str
    shell: tuple[str, ...]
    diff_ids: tuple[str, ...]
    history: tuple[HistoryStep, ...]


def read_json(raw: bytes, shape: type[_T], what: str) -> _T:
    """Decode JSON into `shape`; raises `ImageError` that names `what`."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ImageError(f"broken JSON: {error}", where=what, hint="the image is damaged") from error


def read_manifest(raw: bytes, media_type: str, what: str) -> Manifest:
    """An OCI manifest or a Docker schema 2 manifest."""
    if media_type not in MANIFEST_TYPES:
        raise ImageError(
            f"a manifest of type {media_type or 'unknown'} cannot be read",
            where=what,
            hint="convert it: skopeo copy --format oci",
        )
    manifest = read_json(raw, _Manifest, f"{what} manifest")
    for descriptor in (manifest.config, *manifest.layers):
        check_digest_syntax(descriptor.digest, f"{what} manifest")
        if not 0 <= descriptor.size < _MAX_SIZE:
            raise ImageError(
                f"impossible size {descriptor.size} of {descriptor.digest[:90]}",
                where=f"{what} manifest",
                hint="the image is damaged or hostile",
            )
    return Manifest(manifest.config, tuple(manifest.layers))


def read_index(raw: bytes, what: str) -> tuple[Descriptor, ...]:
    """The manifests that an OCI index or a Docker manifest list names."""
    index = read_json(raw, _Index, f"{what} index")
    for descriptor in index.manifests:
        check_digest_syntax(descriptor.digest, f"{what} index")
    return tuple(index.manifests)


def read_config(raw: bytes, what: str) -> ImageConfig:
    """An image configuration."""
    config = read_json(raw, _Config, f"{what} configuration")
    run = config.config or _RunConfig()
    diff_ids = tuple((config.rootfs.diff_ids if config.rootfs else None) or ())
    for diff_id in diff_ids:
        check_digest_syntax(diff_id, f"{what} configuration")
    test = (run.healthcheck or {}).get("Test")
    words = tuple(str(word) for word in test) if isinstance(test, list) else ()
    return ImageConfig(
        platform=Platform(config.architecture, config.os, config.variant),
        created=config.created or "",
        user=run.user or "",
        env=tuple(run.env or ()),
        entrypoint=tuple(run.entrypoint or ()),
        cmd=tuple(run.cmd or ()),
        workdir=run.workdir or "",
        labels=run.labels or {},
        exposed_ports=tuple(sorted(run.ports or ())),
        volumes=tuple(sorted(run.volumes or ())),
        healthcheck=() if words[:1] == ("NONE",) else words,
        stop_signal=run.stop_signal or "",
        shell=tuple(run.shell or ()),
        diff_ids=diff_ids,
        history=tuple(config.history or ()),
    )
