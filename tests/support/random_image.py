"""Images made in memory: layers as lists of operations, and the archives that hold them.

`Operation` is one tar entry. `images()` is a Hypothesis strategy for layers whose merge every unpacker agrees on:
whiteouts only of lower layers' names, hard links only to regular files of the same layer, one entry a path.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hypothesis import strategies as st

Kind = Literal["file", "directory", "symlink", "hardlink", "whiteout", "opaque", "fifo"]
_TYPES = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "fifo": tarfile.FIFOTYPE,
    "whiteout": tarfile.REGTYPE,
    "opaque": tarfile.REGTYPE,
}


@dataclass(frozen=True)
class Operation:
    """One entry. A whiteout's path is the path that it hides, an opaque's its directory."""

    kind: Kind
    path: str
    content: bytes = b""
    link: str = ""
    mode: int = 0o644

    @property
    def tar_name(self) -> str:
        """The name in the layer's tar."""
        folder, _, name = self.path.rpartition("/")
        prefix = f"{folder}/" if folder else ""
        if self.kind == "whiteout":
            return f"{prefix}.wh.{name}"
        if self.kind == "opaque":
            return f"{self.path}/.wh..wh..opq"
        return self.path


def layer_tar(operations: Iterable[Operation], format: int = tarfile.PAX_FORMAT) -> bytes:
    """The tar of one layer."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=format) as tar:
        for operation in operations:
            info = tarfile.TarInfo(operation.tar_name)
            info.type = _TYPES[operation.kind]
            info.mode = operation.mode
            info.linkname = operation.link
            info.mtime = 1_700_000_000
            info.size = len(operation.content) if operation.kind == "file" else 0
            tar.addfile(info, io.BytesIO(operation.content))
    return target.getvalue()


def digest(content: bytes) -> str:
    """The sha256 digest."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def config_json(tars: Sequence[bytes], **settings: object) -> bytes:
    """An image configuration with a history entry for each layer and an empty one before."""
    history: list[dict[str, object]] = [{"created_by": "ENV A=b # buildkit", "empty_layer": True}]
    history += [{"created_by": f"RUN /bin/sh -c step {index} # buildkit"} for index in range(len(tars))]
    return json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in tars]},
            "history": history,
        }
    ).encode()


def write_tar(path: Path, members: Mapping[str, bytes]) -> Path:
    """A tar of plain files."""
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def write_docker_archive(
    path: Path, tars: Sequence[bytes], name: str = "test:latest", **settings: object
) -> Path:
    """What `docker save` writes since 1.10."""
    config = config_json(tars, **settings)
    config_name = digest(config)[7:] + ".json"
    layers = [f"{index}/layer.tar" for index in range(len(tars))]
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": layers}]
    members = dict(zip(layers, tars, strict=True))
    members |= {config_name: config, "manifest.json": json.dumps(manifest).encode()}
    return write_tar(path, members)


def oci_files(
    tars: Sequence[bytes],
    compress: Callable[[bytes], bytes] = gzip.compress,
    suffix: str = "+gzip",
    **settings: object,
) -> dict[str, bytes]:
    """The files of an OCI layout with the image `latest`."""
    config = config_json(tars, **settings)
    blobs = [compress(tar) for tar in tars]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": _descriptor("application/vnd.oci.image.config.v1+json", config),
            "layers": [
                _descriptor(f"application/vnd.oci.image.layer.v1.tar{suffix}", blob) for blob in blobs
            ],
        }
    ).encode()
    entry = _descriptor("application/vnd.oci.image.manifest.v1+json", manifest)
    entry["annotations"] = {"org.opencontainers.image.ref.name": "latest"}
    files = {"blobs/sha256/" + digest(blob)[7:]: blob for blob in (config, manifest, *blobs)}
    files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
    return files


def write_files(root: Path, files: Mapping[str, bytes]) -> Path:
    """Files beneath a directory."""
    for name, content in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root


def _descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest(content), "size": len(content)}


_NAMES = st.sampled_from(["a", "b", "c", "d", "ü n", "x" * 60])
_CONTENT = st.sampled_from([b"", b"one", b"two", b"three" * 300, bytes(range(256)) * 3])


@st.composite
def images(draw: st.DrawFn, max_layers: int = 4) -> list[list[Operation]]:
    """Layers, lowest first. The state that the merge must give is kept while drawing, so that each operation
    makes sense where it stands."""
    state: dict[str, str] = {}  # path -> kind
    layers: list[list[Operation]] = []
    for _ in range(draw(st.integers(1, max_layers))):
        lower = dict(state)
        touched: set[str] = set()
        operations: list[Operation] = []
        files_here: list[str] = []
        for _ in range(draw(st.integers(0, 10))):
            operation = _draw_operation(draw, state, lower, touched, files_here)
            if operation is None:
                continue
            operations.append(operation)
            touched.add(operation.path)
            _follow(state, lower, operation, touched)
            if operation.kind == "file":
                files_here.append(operation.path)
        layers.append(operations)
    return layers


def _draw_operation(
    draw: st.DrawFn, state: dict[str, str], lower: dict[str, str], touched: set[str], files_here: list[str]
) -> Operation | None:
    folders = ["", *sorted(path for path, kind in state.items() if kind == "directory")]
    kinds = ["file", "file", "directory", "symlink", "hardlink", "whiteout", "opaque", "fifo", "implied"]
    kind = draw(st.sampled_from(kinds))
    if kind == "whiteout":
        known = sorted(path for path in lower if path in state and not _touches(path, touched))
        return Operation("whiteout", draw(st.sampled_from(known))) if known else None
    if kind == "opaque":
        known = sorted(
            path
            for path, what in lower.items()
            if what == "directory" and state.get(path) == what and not _touches(path, touched)
        )
        return Operation("opaque", draw(st.sampled_from(known))) if known else None
    folder = draw(st.sampled_from(folders))
    path = f"{folder}/{draw(_NAMES)}".lstrip("/")
    if path in touched or any(other.startswith(f"{path}/") for other in touched) or path.count("/") > 4:
        return None
    mode = draw(st.sampled_from([0o644, 0o755, 0o600]))
    if kind == "hardlink":
        if not files_here:
            return None
        return Operation("hardlink", path, link=draw(st.sampled_from(files_here)))
    if kind == "file":
        return Operation("file", path, draw(_CONTENT), mode=mode)
    if kind == "implied":
        if path in state:
            return None
        return Operation("file", f"{path}/{draw(_NAMES)}", draw(_CONTENT), mode=mode)
    if kind == "symlink":
        return Operation(
            "symlink", path, link=draw(st.sampled_from(["a", "../b", "/c", "nowhere"])), mode=0o777
        )
    if kind == "directory":
        return Operation("directory", path, mode=draw(st.sampled_from([0o755, 0o700])))
    return Operation("fifo", path, mode=mode)


def _touches(path: str, touched: set[str]) -> bool:
    """Whether this layer did something at the path, beneath it or above it."""
    return any(
        other == path or other.startswith(f"{path}/") or path.startswith(f"{other}/") for other in touched
    )


def _follow(state: dict[str, str], lower: dict[str, str], operation: Operation, touched: set[str]) -> None:
    path = operation.path
    beneath = [other for other in state if other.startswith(f"{path}/")]
    if operation.kind == "opaque":
        for other in beneath:
            del state[other]
        return
    if operation.kind != "directory" or state.get(path) != "directory":
        for other in beneath:
            del state[other]
    if operation.kind == "whiteout":
        del state[path]
        return
    state[path] = operation.kind
    parent = path.rpartition("/")[0]
    while parent and state.get(parent) != "directory":
        state[parent] = "directory"
        touched.add(parent)
        parent = parent.rpartition("/")[0]
