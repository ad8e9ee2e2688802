"""A registry of any size on loopback: generated manifests and configurations over real layers that images share.

Bases are few, stacks on them some, applications many: image number N has the base N % bases, the stack N % stacks, and one
layer of its own (a small source tree) of which `variants` exist. Layers are real tars.
"""

import gzip
import hashlib
import io
import json
import random
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest(content: bytes) -> str:
    """The sha256 digest."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Shape:
    """How large: images, distinct layers of each kind, files and bytes of each layer."""

    images: int
    bases: int = 4
    stacks: int = 24
    variants: int = 200
    base_files: int = 3000
    stack_files: int = 1500
    app_files: int = 20
    file_bytes: int = 4000


@dataclass(frozen=True)
class Blob:
    """A layer as it is stored, with its diff ID."""

    data: bytes
    digest: str
    diff_id: str


def layer(prefix: str, files: int, size: int, seed: str, packages: int) -> Blob:
    """A tar of text-like files; some are Python packages with their metadata, so that catalogs have work."""
    chance = random.Random(seed)
    words = [f"word{chance.randrange(5000)}" for _ in range(2000)]
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:

        def add(name: str, content: bytes) -> None:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_700_000_000
            tar.addfile(info, io.BytesIO(content))

        for number in range(files):
            text = " ".join(chance.choices(words, k=max(1, chance.randrange(size // 4, size) // 9)))
            add(f"{prefix}/d{number // 50}/f{number}.py", text.encode())
        for number in range(packages):
            folder = f"usr/lib/python3/dist-packages/{seed}_{number}-1.{number}.dist-info"
            name = f"{seed}-{number}"
            add(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}\n".encode())
            add(f"{folder}/RECORD", f"{folder}/METADATA,,\n".encode())
        if prefix.startswith("base"):
            add("usr/lib/os-release", b'ID=debian\nVERSION_ID="12"\n')
    plain = target.getvalue()
    packed = gzip.compress(plain, 6, mtime=0)
    return Blob(packed, digest(packed), digest(plain))


@dataclass
class Registry:
    """Everything that is served. Manifests are made when they are asked for: ten thousand cost no memory."""

    shape: Shape
    seen: Counter[str] = field(default_factory=Counter)
    sent_bytes: int = 0
    generation: dict[int, int] = field(default_factory=dict)
    """Image → its push number; a new push has an application layer of its own."""

    def __post_init__(self) -> None:
        one = self.shape
        self.bases = [
            layer(f"base{n}", one.base_files, one.file_bytes, f"base{n}", 60) for n in range(one.bases)
        ]
        self.stacks = [
            layer(f"opt/stack{n}", one.stack_files, one.file_bytes, f"stack{n}", 30)
            for n in range(one.stacks)
        ]
        self.apps: dict[str, Blob] = {}
        for n in range(min(one.variants, one.images)):
            self.app(f"app{n}")
        self.blobs = {blob.digest: blob.data for blob in (*self.bases, *self.stacks, *self.apps.values())}
        self.documents: dict[str, bytes] = {}

    def app(self, seed: str) -> Blob:
        """An application's layer."""
        if seed not in self.apps:
            self.apps[seed] = layer("app", self.shape.app_files, self.shape.file_bytes, seed, 2)
        return self.apps[seed]

    def push(self, number: int) -> None:
        """A new version of an image, with a layer that nobody has."""
        self.generation[number] = self.generation.get(number, 0) + 1
        blob = self.app(f"push{number}.{self.generation[number]}")
        self.blobs[blob.digest] = blob.data

    def layers(self, number: int) -> list[Blob]:
        """The layers of an image."""
        pushed = self.generation.get(number)
        app = self.app(
            f"push{number}.{pushed}"
            if pushed
            else f"app{number % min(self.shape.variants, self.shape.images)}"
        )
        return [self.bases[number % self.shape.bases], self.stacks[number % self.shape.stacks], app]

    def manifest(self, number: int) -> bytes:
        """An image's manifest; its configuration is kept under its digest."""
        layers = self.layers(number)
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Labels": {"image": str(number), "push": str(self.generation.get(number, 0))}},
                "rootfs": {"type": "layers", "diff_ids": [blob.diff_id for blob in layers]},
                "history": [
                    {"created_by": "ADD rootfs.tar / # buildkit"},
                    {"created_by": 'CMD ["python3"]', "empty_layer": True},
                    {"created_by": "RUN pip install -r requirements.txt # buildkit"},
                    {"created_by": "COPY . /app # buildkit"},
                ],
            }
        ).encode()
        self.documents[digest(config)] = config
        entries = [{"mediaType": LAYER, "digest": blob.digest, "size": len(blob.data)} for blob in layers]
        made = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {"mediaType": CONFIG, "digest": digest(config), "size": len(config)},
                "layers": entries,
            }
        ).encode()
        self.documents[digest(made)] = made
        return made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = (
        1 << 16
    )  # head and body in one packet: else each answer waits 40 ms for a delayed acknowledgement
    registry: Registry

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        registry, url = self.registry, urlsplit(self.path)
        kind = "manifest" if "/manifests/" in url.path else "blob" if "/blobs/" in url.path else "list"
        registry.seen[f"{self.command} {kind}"] += 1
        if url.path == "/v2/":
            self._reply(b"{}")
        elif url.path == "/v2/_catalog":
            last = parse_qs(url.query).get("last", ["a"])[0]
            start = int(last.removeprefix("team/app") or -1) + 1 if last != "a" else 0
            shown = range(start, min(start + 1000, registry.shape.images))
            more = shown.stop < registry.shape.images
            link = f'</v2/_catalog?n=1000&last=team/app{shown.stop - 1}>; rel="next"' if more else ""
            self._reply(json.dumps({"repositories": [f"team/app{n}" for n in shown]}).encode(), link=link)
        elif url.path.endswith("/tags/list"):
            self._reply(b'{"tags": ["main"]}')
        elif kind == "manifest":
            wanted = url.path.rpartition("/")[2]
            if ":" in wanted:
                made = registry.documents[wanted]
            else:
                made = registry.manifest(int(url.path.split("/app")[1].partition("/")[0]))
            self._reply(made, MANIFEST, digest(made))
        else:
            wanted = url.path.rpartition("/")[2]
            body = registry.documents.get(wanted) or registry.blobs[wanted]
            if wanted in registry.blobs:
                registry.seen["layers"] += 1
                registry.sent_bytes += len(body)
            self._reply(body)

    do_GET = do_HEAD = _answer

    def _reply(self, body: bytes, kind: str = "application/json", name: str = "", link: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if name:
            self.send_header("Docker-Content-Digest", name)
        if link:
            self.send_header("Link", link)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients close connections when they are done."""


@contextmanager
def serving(registry: Registry) -> Iterator[str]:
    """Run it; gives its host."""
    server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"registry": registry}))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
