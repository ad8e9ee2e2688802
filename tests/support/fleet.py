"""Fleets made in memory: images that share layers, as archives, as a registry that misbehaves on demand, as a real one."""

import gzip
import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.support.random_image import Operation, config_json, digest, layer_tar, oci_files, write_files
from tests.support.registries import FakeRegistry, Request

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
RELEASE = b'ID=debian\nVERSION_ID="12"\n'
STATUS = (
    b"Package: vim\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\n\n"
    b"Package: libssl3\nStatus: install ok installed\nVersion: 3.0.1-1\nArchitecture: amd64\nSource: openssl\n\n"
)


def base_layer() -> bytes:
    """A small Debian with an editor that nobody needs and a cache that somebody left."""
    return layer_tar(
        [
            Operation("file", "usr/lib/os-release", RELEASE),
            Operation("symlink", "etc/os-release", link="../usr/lib/os-release"),
            Operation("file", "var/lib/dpkg/status", STATUS),
            Operation("file", "var/lib/dpkg/info/vim.list", b"/usr/bin/vim\n"),
            Operation("file", "var/lib/dpkg/info/libssl3:amd64.list", b"/usr/lib/libssl.so.3\n"),
            Operation("file", "usr/bin/vim", b"v" * 50_000),
            Operation("file", "usr/lib/libssl.so.3", b"s" * 20_000),
            Operation("file", "var/cache/apt/pkgcache.bin", b"c" * 30_000),
        ]
    )


def app_layers(number: int) -> list[bytes]:
    """What an application adds: a file that its last layer deletes, and one that stays."""
    name = f"app/{number}.bin"
    return [
        layer_tar([Operation("file", name, bytes([65 + number % 26]) * (10_000 + number))]),
        layer_tar([Operation("whiteout", name), Operation("file", "app/main.py", b"print(%d)\n" % number)]),
    ]


def retimed(tar: bytes) -> bytes:
    """The same layer with other times."""
    import io
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(tar)) as old, tarfile.open(fileobj=target, mode="w") as new:
        for info in old:
            info.mtime += 1000
            new.addfile(info, old.extractfile(info) if info.isreg() else None)
    return target.getvalue()


@dataclass
class FakeFleet:
    """A registry with many repositories: `images` maps `repository:tag` to layers. Requests are counted in
    `registry.seen`; `answer` may take over any of them."""

    images: dict[str, list[bytes]]
    page: int = 3
    """Names on a page of a list."""
    labels: Mapping[str, str] = field(default_factory=dict)
    answer: Callable[[Request], bool] = lambda request: False
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    registry: FakeRegistry = field(init=False)

    def __post_init__(self) -> None:
        for name, tars in self.images.items():
            self.push(name, tars)
        self.registry = FakeRegistry({}, answer=self._answer)

    def push(self, name: str, tars: list[bytes]) -> str:
        """An image under a name; gives its digest."""
        config = config_json(tars, Labels=dict(self.labels))
        blobs = [gzip.compress(tar, mtime=0) for tar in tars]
        entries = [
            {
                "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                "digest": digest(blob),
                "size": len(blob),
            }
            for blob in blobs
        ]
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": digest(config),
                    "size": len(config),
                },
                "layers": entries,
            }
        ).encode()
        self.blobs |= {digest(blob): blob for blob in (config, *blobs)}
        self.manifests[digest(manifest)] = manifest
        self.tags[name] = digest(manifest)
        self.images[name] = tars
        return digest(manifest)

    def blob_requests(self) -> dict[str, int]:
        """How often each blob was asked for, by digest."""
        found: dict[str, int] = {}
        for path, count in self.registry.seen.items():
            if "/blobs/" in path:
                name = path.rpartition("/")[2]
                found[name] = found.get(name, 0) + count
        return found

    def layer_digests(self) -> set[str]:
        """The blobs of all layers."""
        found = set()
        for tars in self.images.values():
            found |= {digest(gzip.compress(tar, mtime=0)) for tar in tars}
        return found

    def _answer(self, request: Request) -> bool:
        if self.answer(request):
            return True
        url = urlsplit(request.path)
        path = url.path
        if path == "/v2/":
            request.reply(200, b"{}")
        elif path == "/v2/_catalog":
            self._page(request, "repositories", sorted({name.partition(":")[0] for name in self.tags}))
        elif path.endswith("/tags/list"):
            repository = path.removeprefix("/v2/").removesuffix("/tags/list")
            tags = [name.partition(":")[2] for name in self.tags if name.partition(":")[0] == repository]
            self._page(request, "tags", sorted(tags))
        elif "/manifests/" in path:
            repository, _, wanted = path.removeprefix("/v2/").partition("/manifests/")
            name = wanted if ":" in wanted else self.tags.get(f"{repository}:{wanted}", "")
            body = self.manifests.get(name)
            if body is None:
                request.reply(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
            else:
                request.reply(200, body, Content_Type=MANIFEST, Docker_Content_Digest=name)
        elif "/blobs/" in path:
            body = self.blobs.get(path.rpartition("/")[2])
            if body is None:
                request.reply(404, b'{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown"}]}')
            else:
                request._blob(body)
        else:
            request.reply(404)
        return True

    def _page(self, request: Request, key: str, names: list[str]) -> None:
        url = urlsplit(request.path)
        last = parse_qs(url.query).get("last", [""])[0]
        rest = [name for name in names if name > last]
        shown = rest[: self.page]
        headers = {}
        if len(rest) > self.page:
            headers["Link"] = f'<{url.path}?last={shown[-1]}&n={self.page}>; rel="next"'
        request.reply(200, json.dumps({key: shown}).encode(), **headers)


def small_fleet(count: int = 5) -> FakeFleet:
    """A base and so many applications on it."""
    base = base_layer()
    images = {"base/debian:12": [base]}
    images |= {f"team/app{number}:1": [base, *app_layers(number)] for number in range(count)}
    return FakeFleet(images)


def _packed(tar: bytes) -> bytes:
    return gzip.compress(tar, mtime=0)


def push_all(folder: Path, host: str, images: Mapping[str, list[bytes]], *words: str) -> None:
    """The images to a real registry, with skopeo and more words for it."""
    for number, (name, tars) in enumerate(images.items()):
        layout = write_files(folder / f"layout{number}", oci_files(tars, _packed))
        subprocess.run(
            [
                "skopeo",
                "copy",
                "--dest-tls-verify=false",
                *words,
                f"oci:{layout}:latest",
                f"docker://{host}/{name}",
            ],
            check=True,
            capture_output=True,
        )
