"""Writing drafts. Every destination appears whole or not at all; the same draft gives the same digests.

Formats: OCI image layout and image specification 1.1; docker-archive as `docker load` reads it (moby, image/tarexport).
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from tare.core.errors import EngineError, ImageError, UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.image.access import Access
from tare.image.blobs import Blob, tar_size, tar_stream, write_blob
from tare.image.chunked import write_chunked
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.destination import Destination
from tare.image.documents import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST
from tare.image.layer_store import LayerStore, same_bytes
from tare.image.model import Image, Layer
from tare.image.mutate import Draft, KeptLayer, NewLayer
from tare.image.push import Push
from tare.image.reference import Transport, parse_name
from tare.image.sources.docker_engine import DEFAULT_HOST, engine_client
from tare.image.splice import stream_of, write_spliced
from tare.image.tarhead import FILE
from tare.image.tarwrite import END, TarEntry, header, padding

_REF_NAME = "org.opencontainers.image.ref.name"
_STORED = {
    "application/vnd.docker.image.rootfs.diff.tar.gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar": "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.docker.image.rootfs.diff.tar.zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
}
_COMPRESSED = ("+gzip", "+zstd", ".gzip", ".zstd")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. `digest` is the manifest's (or index's), or the configuration's for an engine or a
    docker-archive; `compressed_bytes` is the sum of the blobs, None where layers are stored plain."""

    destination: str
    digest: str
    layers: tuple[Blob, ...]
    compressed_bytes: int | None


@dataclass(frozen=True, slots=True)
class WriteSettings:
    """`recompress`: layers that are taken as they are get this compression, too. `created`: RFC 3339, for the image
    and its new history entries; None keeps the original's, so that the result depends on the input only. `store`: where
    layers with a key are looked for before they are written, and kept after. `access` has the credentials for a
    registry, `beside` another repository there whose blobs may be taken over."""

    compression: Compression
    recompress: bool = False
    created: str | None = None
    docker_host: str = DEFAULT_HOST
    store: LayerStore | None = None
    access: Access | None = None
    beside: str | None = None


Have = Callable[[str, int], bool]
"""Whether the destination holds a blob of this digest and size already: then it is not written again."""


def write_image(
    drafts: Sequence[tuple[Draft, Contents]],
    destination: Destination,
    settings: WriteSettings,
    *,
    on_event: EventSink = null_sink,
) -> Written:
    """Write one image, or several platforms of one as an index (OCI only). Raises `ImageError`, `EngineError`."""
    on_event(Event("step", f"Writing {destination}"))
    try:
        match destination.transport:
            case Transport.OCI:
                return _write_layout(drafts, destination, settings)
            case Transport.OCI_ARCHIVE:
                return _write_layout_archive(drafts, destination, settings)
            case Transport.DOCKER_ARCHIVE:
                return _write_docker_archive(_only(drafts, destination), destination, settings)
            case Transport.REGISTRY:
                return _push(drafts, destination, settings, on_event)
            case _:
                return _load_into_engine(_only(drafts, destination), destination, settings)
    except OSError as error:
        raise ImageError(
            f"cannot be written: {error.strerror or error}",
            where=str(destination),
            hint="free some space, or choose another place",
        ) from error


def _only(drafts: Sequence[tuple[Draft, Contents]], destination: Destination) -> tuple[Draft, Contents]:
    if len(drafts) != 1:
        raise UsageError(
            f"{destination} takes one platform", hint="choose with --platform, or write to oci:DIR"
        )
    return drafts[0]


def finished_config(draft: Draft, diff_ids: Sequence[str], created: str | None) -> bytes:
    """The configuration with the layers that the draft came to have, as canonical JSON."""
    config: dict[str, Any] = json.loads(json.dumps(draft.config))
    when = created or config.get("created") or "1970-01-01T00:00:00Z"
    config["created"] = when
    config["rootfs"] = {"type": "layers", "diff_ids": list(diff_ids)}
    known = {layer.history for layer in draft.layers if layer.history is not None}
    old = config.get("history")
    steps: list[dict[str, Any]] = []
    if isinstance(old, list) and not draft.fresh_history:
        for place, step in enumerate(old):
            rest = {key: value for key, value in dict(step).items() if key != "empty_layer"}
            steps.append(rest if place in known else {**rest, "empty_layer": True})
    for layer in draft.layers:
        if layer.history is None or not steps:
            text = layer.created_by if isinstance(layer, NewLayer) else "tare slim"
            steps.append({"created": when, "created_by": text})
    config["history"] = steps
    return _canonical(config)


def _canonical(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


# -- OCI layouts ------------------------------------------------------------------------------------------------------


def _write_layout(
    drafts: Sequence[tuple[Draft, Contents]], destination: Destination, settings: WriteSettings
) -> Written:
    target = destination.path.absolute()
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        done, root = _fill_layout(
            staging, drafts, destination.name, settings, lambda digest, size: _is_there(target, digest, size)
        )
        if target.exists() and any(target.iterdir()):
            _merge_layout(staging, target, root)
        else:
            staging.chmod(0o755)
            if target.exists():
                target.rmdir()
            os.replace(staging, target)
        return Written(str(destination), done.digest, done.layers, done.compressed_bytes)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _is_there(target: Path, digest: str, size_bytes: int) -> bool:
    algorithm, _, name = digest.partition(":")
    place = target / "blobs" / algorithm / name
    return place.is_file() and place.stat().st_size == size_bytes


def _nothing(digest: str, size_bytes: int) -> bool:
    return False


def _fill_layout(
    staging: Path,
    drafts: Sequence[tuple[Draft, Contents]],
    name: str,
    settings: WriteSettings,
    have: Have = _nothing,
) -> tuple[Written, dict[str, Any]]:
    (staging / "blobs" / "sha256").mkdir(parents=True)
    descriptors = []
    layers: list[Blob] = []
    for draft, contents in drafts:
        descriptor, blobs = _write_manifest(staging, draft, contents, settings, have)
        descriptors.append(descriptor)
        layers += blobs
    if len(descriptors) == 1:
        root = descriptors[0]
    else:
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": descriptors}
        root = _put(staging, _canonical(index), OCI_INDEX)
    digest = str(root["digest"])
    if name:
        root = {**root, "annotations": {_REF_NAME: name}}
    (staging / "oci-layout").write_bytes(b'{"imageLayoutVersion":"1.0.0"}')
    (staging / "index.json").write_bytes(
        _canonical({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [root]})
    )
    return Written("", digest, tuple(layers), sum(blob.size_bytes for blob in layers)), root


def _write_manifest(
    staging: Path, draft: Draft, contents: Contents, settings: WriteSettings, have: Have
) -> tuple[dict[str, Any], list[Blob]]:
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        numbered = list(enumerate(draft.layers))
        blobs = list(
            pool.map(
                lambda item: _write_layer(staging, item[0], item[1], draft, contents, settings, have),
                numbered,
            )
        )
    config = finished_config(draft, [blob.diff_id for blob in blobs], settings.created)
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _put(staging, config, OCI_CONFIG),
        "layers": [
            {"mediaType": blob.media_type, "digest": blob.digest, "size": blob.size_bytes}
            | ({"annotations": blob.annotations} if blob.annotations else {})
            for blob in blobs
        ],
    }
    if draft.annotations:
        manifest["annotations"] = dict(draft.annotations)
    descriptor = _put(staging, _canonical(manifest), OCI_MANIFEST)
    platform = {
        key: draft.config[key]
        for key in ("architecture", "os", "os.version", "variant")
        if isinstance(draft.config.get(key), str) and draft.config[key]
    }
    return ({**descriptor, "platform": platform} if platform else descriptor), blobs


def _write_layer(
    staging: Path,
    number: int,
    layer: KeptLayer | NewLayer,
    draft: Draft,
    contents: Contents,
    settings: WriteSettings,
    have: Have,
) -> Blob:
    kept = draft.analysis.image.layers[layer.index] if isinstance(layer, KeptLayer) else None
    temporary = staging / f"layer-{number}-{id(draft)}"
    if kept and not settings.recompress and kept.media_type.endswith(_COMPRESSED):
        if kept.blob_bytes is not None and have(kept.digest, kept.blob_bytes):
            return _as_stored(kept, kept.blob_bytes, contents)
        with temporary.open("wb") as file:
            done = _as_stored(kept, _copy(draft.analysis.image, kept, file), contents)
    else:
        key = _key(layer, kept)
        known = settings.store.get(key, settings.compression) if settings.store and key else None
        if known is not None:
            if not have(known[0].digest, known[0].size_bytes):
                same_bytes(known[1], _blob_path(staging, known[0].digest))
            return known[0]
        with temporary.open("wb") as file:
            done = _written(layer, contents, settings.compression, file)
        if settings.store and key:
            settings.store.put(key, settings.compression, done, temporary)
    os.replace(temporary, _blob_path(staging, done.digest))
    return done


def _key(layer: KeptLayer | NewLayer, kept: Layer | None) -> str:
    if isinstance(layer, NewLayer):
        return layer.key
    return f"kept {kept.diff_id}" if kept is not None else ""


def _written(layer: KeptLayer | NewLayer, contents: Contents, settings: Compression, file: BinaryIO) -> Blob:
    if isinstance(layer, NewLayer):
        if settings.codec == "zstd:chunked":
            return write_chunked(layer, contents, settings, file)
        if settings.codec == "gzip" and any(stream_of(entry) for entry in layer.entries):
            return write_spliced(layer, contents, settings, file)
    return write_blob(tar_stream(layer, contents), settings, file)


def _as_stored(kept: Layer, size_bytes: int, contents: Contents) -> Blob:
    media_type = _STORED.get(kept.media_type, kept.media_type)
    return Blob(kept.diff_id, kept.digest, media_type, size_bytes, contents.plain_bytes[kept.index])


def _copy(image: Image, kept: Layer, file: BinaryIO) -> int:
    """Copy a layer's blob as it is stored, and see that it is what its digest says."""
    running = hashlib.sha256()
    size = 0
    with image.open_blob(kept) as blob:
        while piece := blob.read(1 << 20):
            running.update(piece)
            size += file.write(piece)
    if kept.digest.startswith("sha256:") and f"sha256:{running.hexdigest()}" != kept.digest:
        raise ImageError(
            f"layer {kept.index + 1} is not what its digest says", where=image.reference, hint="copy it again"
        )
    return size


def _put(staging: Path, document: bytes, media_type: str) -> dict[str, Any]:
    digest = "sha256:" + hashlib.sha256(document).hexdigest()
    _blob_path(staging, digest).write_bytes(document)
    return {"mediaType": media_type, "digest": digest, "size": len(document)}


def _blob_path(root: Path, digest: str) -> Path:
    algorithm, _, name = digest.partition(":")
    folder = root / "blobs" / algorithm
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def _merge_layout(staging: Path, target: Path, root: dict[str, Any]) -> None:
    """Add to a layout that exists: blobs first, then the index in one step. A manifest of the same name is replaced."""
    index = json.loads((target / "index.json").read_bytes())
    name = (root.get("annotations") or {}).get(_REF_NAME)
    others = [
        one
        for one in index.get("manifests", [])
        if one.get("digest") != root["digest"] and (one.get("annotations") or {}).get(_REF_NAME) != name
    ]
    for blob in sorted((staging / "blobs").rglob("*")):
        if blob.is_file():
            place = _blob_path(target, f"{blob.parent.name}:{blob.name}")
            if not place.exists():
                os.replace(blob, place)
    index["manifests"] = [*others, root]
    fresh = staging / "index.json"
    fresh.write_bytes(_canonical(index))
    os.replace(fresh, target / "index.json")


def _write_layout_archive(
    drafts: Sequence[tuple[Draft, Contents]], destination: Destination, settings: WriteSettings
) -> Written:
    target = destination.path.absolute()
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        layout = staging / "layout"
        layout.mkdir()
        done, _ = _fill_layout(layout, drafts, destination.name, settings)
        archive = staging / "archive"
        with archive.open("wb") as file:
            for path in sorted(layout.rglob("*"), key=lambda path: (path.suffix == "", str(path))):
                if path.is_file():
                    size = path.stat().st_size
                    file.write(header(TarEntry(path.relative_to(layout).as_posix(), FILE, size)))
                    with path.open("rb") as blob:
                        shutil.copyfileobj(blob, file, 1 << 20)
                    file.write(padding(size))
            file.write(END)
        os.replace(archive, target)
        return Written(str(destination), done.digest, done.layers, done.compressed_bytes)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _push(
    drafts: Sequence[tuple[Draft, Contents]],
    destination: Destination,
    settings: WriteSettings,
    on_event: EventSink,
) -> Written:
    """Lay out what the registry lacks in a temporary directory, send it, and name it last."""
    name = parse_name(destination.name)
    push = Push(name, settings.access or Access(), on_event, beside=settings.beside)
    staging = Path(tempfile.mkdtemp(prefix="tare-push-"))
    try:
        done, root = _fill_layout(staging, drafts, "", settings, push.has)
        documents = [(root, name.tag or "latest")]
        if root["mediaType"] == OCI_INDEX:
            index = json.loads(_blob_path(staging, root["digest"]).read_bytes())
            documents = [(one, one["digest"]) for one in index["manifests"]] + documents
        named = {str(one["digest"]) for one, _ in documents}
        blobs = [
            (f"{path.parent.name}:{path.name}", path)
            for path in sorted((staging / "blobs").rglob("*"))
            if path.is_file()
        ]
        push.blobs([(digest, path) for digest, path in blobs if digest not in named])
        for one, tag in documents:
            push.manifest(_blob_path(staging, one["digest"]).read_bytes(), one["mediaType"], tag)
        return Written(str(destination), done.digest, done.layers, done.compressed_bytes)
    finally:
        push.session.close()
        shutil.rmtree(staging, ignore_errors=True)


# -- docker-archive and the engine ------------------------------------------------------------------------------------


class _DockerArchive:
    """The archive as a stream; layers and digest are known when it has ended."""

    def __init__(self, draft: Draft, contents: Contents, name: str, created: str | None) -> None:
        self._draft = draft
        self._contents = contents
        self._name = name
        self._created = created
        self.layers: list[Blob] = []
        self.digest = ""

    def __iter__(self) -> Iterator[bytes]:
        paths = []
        for number, layer in enumerate(self._draft.layers):
            size = tar_size(layer, self._contents)
            paths.append(f"{number:04}.tar")
            yield header(TarEntry(paths[-1], FILE, size))
            running = hashlib.sha256()
            seen = 0
            for piece in tar_stream(layer, self._contents):
                running.update(piece)
                seen += len(piece)
                yield piece
            if seen != size:
                raise ImageError(f"a layer of {size} bytes became {seen}", hint="this is a defect of tare")
            yield padding(size)
            digest = f"sha256:{running.hexdigest()}"
            self.layers.append(Blob(digest, digest, "application/vnd.oci.image.layer.v1.tar", size, size))
        config = finished_config(self._draft, [layer.diff_id for layer in self.layers], self._created)
        identity = hashlib.sha256(config).hexdigest()
        self.digest = f"sha256:{identity}"
        manifest = [
            {"Config": f"{identity}.json", "RepoTags": [self._name] if self._name else None, "Layers": paths}
        ]
        for path, document in (
            (f"{identity}.json", config),
            ("manifest.json", json.dumps(manifest).encode()),
        ):
            yield header(TarEntry(path, FILE, len(document))) + document + padding(len(document))
        yield END


def _write_docker_archive(
    one: tuple[Draft, Contents], destination: Destination, settings: WriteSettings
) -> Written:
    target = destination.path.absolute()
    archive = _DockerArchive(*one, destination.name, settings.created)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in archive:
                file.write(piece)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return Written(str(destination), archive.digest, tuple(archive.layers), None)


def _load_into_engine(
    one: tuple[Draft, Contents], destination: Destination, settings: WriteSettings
) -> Written:
    archive = _DockerArchive(*one, destination.name, settings.created)
    host = settings.docker_host
    try:
        with engine_client(host) as client:
            answer = client.post(
                "/images/load?quiet=1",
                content=iter(archive),
                headers={"Content-Type": "application/x-tar"},
                timeout=httpx.Timeout(60.0, read=1800.0, write=600.0),
            )
    except httpx.HTTPError as error:
        raise EngineError(
            f"the Docker engine did not take the image: {error}",
            where=host,
            hint=f"is it running? docker -H {host} version",
        ) from error
    if answer.status_code != 200 or "errorDetail" in answer.text:
        raise EngineError(
            f"the Docker engine refused the image ({answer.status_code}): {answer.text.strip()[:400]}",
            where=host,
        )
    return Written(str(destination), archive.digest, tuple(archive.layers), None)
