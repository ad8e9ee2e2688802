"""`docker save` archives: with manifest.json (Docker ≥ 1.10, skopeo, podman) or the first format without it.

There is no manifest of layers with blob digests here, so one of schema 2 is made up with the diff IDs as digests,
as skopeo does. Format: moby's image/spec/v1.2 ("Combined Image JSON + Filesystem Changeset Format").
"""

import hashlib
import re
from typing import BinaryIO

import msgspec

from tare.core.errors import ImageError
from tare.core.io import open_stream
from tare.image.digests import digest_of
from tare.image.documents import (
    DOCKER_CONFIG,
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    Descriptor,
    read_config,
    read_json,
)
from tare.image.limits import Limits
from tare.image.reference import parse_name
from tare.image.sources.archive import Archive
from tare.image.tarhead import clean_path

_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{64})")


class _Saved(msgspec.Struct, frozen=True):
    config: str = msgspec.field(name="Config", default="")
    tags: list[str] | None = msgspec.field(name="RepoTags", default=None)
    layers: list[str] | None = msgspec.field(name="Layers", default=None)


class _OldImage(msgspec.Struct, frozen=True):
    parent: str = ""
    created: str = ""
    architecture: str = "amd64"
    os: str = "linux"
    config: dict[str, object] | None = None
    container_config: dict[str, object] | None = None


class DockerArchiveSource:
    """One image of an archive that `docker save` or a tool like it wrote."""

    def __init__(self, archive: Archive, tag: str | None, limits: Limits) -> None:
        self._archive = archive
        self._paths: dict[str, str] = {}
        if "manifest.json" in archive:
            saved = _choose(archive, tag, limits)
            self._config = archive.read(clean_path(f"/{saved.config}"), limits.config_bytes)
            self._layers = [clean_path(f"/{path}") for path in saved.layers or ()]
        else:
            self._config, self._layers = _old_image(archive, tag, limits)

    def media_type(self) -> str:
        """Docker's schema 2, made up."""
        return DOCKER_MANIFEST

    def manifest(self) -> bytes:
        """A manifest made from manifest.json and the configuration."""
        config = Descriptor(DOCKER_CONFIG, digest_of(self._config), len(self._config))
        diff_ids = read_config(self._config, self._archive.what).diff_ids
        if len(diff_ids) != len(self._layers):
            raise ImageError(
                f"{len(self._layers)} layers in the archive, {len(diff_ids)} in the configuration",
                where=self._archive.what,
                hint="save the image again",
            )
        layers = []
        for diff_id, path in zip(diff_ids, self._layers, strict=True):
            blob = _BLOB.fullmatch(path)  # Docker ≥ 25 names the blobs by their digests
            digest = f"sha256:{blob[1]}" if blob else diff_id
            self._paths[digest] = path
            layers.append(Descriptor(DOCKER_LAYER, digest, self._archive.size(path)))
        document = {
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST,
            "config": {"mediaType": config.media_type, "digest": config.digest, "size": config.size},
            "layers": [
                {"mediaType": layer.media_type, "digest": layer.digest, "size": layer.size}
                for layer in layers
            ],
        }
        return msgspec.json.encode(document)

    def config(self) -> bytes:
        """The configuration file."""
        return self._config

    def open_layer(self, layer: Descriptor) -> BinaryIO:
        """The layer's tar, compressed or not."""
        return self._archive.open(self._paths[layer.digest])

    def witness(self, layer: Descriptor) -> str | None:
        """The archive's identity and the layer's place in it."""
        return self._archive.witness(self._paths[layer.digest])


def _choose(archive: Archive, tag: str | None, limits: Limits) -> _Saved:
    saved = read_json(archive.read("manifest.json", limits.manifest_bytes), list[_Saved], archive.what)
    if not saved:
        raise ImageError("manifest.json names no image", where=archive.what, hint="save the image again")
    if tag is None:
        if len(saved) > 1:
            names = [name for image in saved for name in image.tags or ()]
            raise ImageError(
                f"{len(saved)} images in the archive",
                where=archive.what,
                hint=f"add one of: :{', :'.join(names)}",
            )
        return saved[0]
    if re.fullmatch(r"@\d+", tag):
        place = int(tag[1:])
        if place < len(saved):
            return saved[place]
    wanted = _tagged(tag)
    for image in saved:
        if wanted in (_tagged(name) for name in image.tags or ()):
            return image
    names = [name for image in saved for name in image.tags or ()]
    raise ImageError(
        f"no image {tag!r}", where=archive.what, hint=f"it holds {', '.join(names) or 'no names'}"
    )


def _tagged(text: str) -> tuple[str, str, str]:
    name = parse_name(text)
    return name.domain, name.repository, name.tag or "latest"


def _old_image(archive: Archive, tag: str | None, limits: Limits) -> tuple[bytes, list[str]]:
    """The chain of v1 images, top to bottom, as a configuration; its diff IDs are hashed from the layers."""
    top = _old_top(archive, tag, limits)
    chain: list[tuple[str, _OldImage]] = []
    at = top
    while at:
        if len(chain) >= limits.layers:
            raise ImageError(
                "a chain of parents without an end", where=archive.what, hint="the archive is damaged"
            )
        image = read_json(archive.read(f"{at}/json", limits.config_bytes), _OldImage, archive.what)
        chain.append((at, image))
        at = image.parent
    chain.reverse()
    layers = [f"{identifier}/layer.tar" for identifier, _ in chain]
    diff_ids = []
    for path in layers:
        stream = open_stream(archive.open(path))
        running = hashlib.sha256()
        while piece := stream.read(1 << 20):
            running.update(piece)
        diff_ids.append(f"sha256:{running.hexdigest()}")
    last = chain[-1][1]
    document = {
        "architecture": last.architecture,
        "os": last.os,
        "created": last.created,
        "config": last.config or {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created": image.created, "created_by": _old_command(image)} for _, image in chain],
    }
    return msgspec.json.encode(document), layers


def _old_top(archive: Archive, tag: str | None, limits: Limits) -> str:
    if "repositories" in archive:
        raw = archive.read("repositories", limits.manifest_bytes)
        repositories = read_json(raw, dict[str, dict[str, str]], archive.what)
        names = {
            f"{name}:{t}": identifier for name, tags in repositories.items() for t, identifier in tags.items()
        }
        if tag is not None:
            wanted = _tagged(tag)
            names = {name: identifier for name, identifier in names.items() if _tagged(name) == wanted}
        if len(set(names.values())) == 1:
            return next(iter(names.values()))
        if names or tag is not None:
            raise ImageError(
                f"no single image {tag or ''}",
                where=archive.what,
                hint=f"it holds {', '.join(names) or 'others'}",
            )
    members = {name.partition("/")[0] for name in archive.names() if name.endswith("/json")}
    parents = {
        read_json(archive.read(f"{name}/json", limits.config_bytes), _OldImage, archive.what).parent
        for name in members
    }
    tops = members - parents
    if len(tops) != 1:
        raise ImageError(
            "neither manifest.json nor index.json nor one image of the old format",
            where=archive.what,
            hint="make it with docker save or skopeo copy",
        )
    return tops.pop()


def _old_command(image: _OldImage) -> str:
    command = (image.container_config or {}).get("Cmd")
    return " ".join(str(word) for word in command) if isinstance(command, list) else ""
