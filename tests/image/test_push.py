"""Pushing to Debian's own registry, through a line that breaks where the test wants it to."""

import hashlib
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from tare.core.errors import NetworkError, UsageError
from tare.core.events import null_sink
from tare.image.access import Access
from tare.image.destination import parse_destination
from tare.image.push import Push
from tare.image.reference import parse_name
from tare.image.sources.patience import Patience
from tests.support.registries import auth_file, docker_registry

pytestmark = pytest.mark.skipif(
    shutil.which("docker-registry") is None, reason="docker-registry is not installed"
)
QUICK = Patience(pause=lambda _: None, tries=3)


@dataclass
class Line:
    """Forwards to a port; each of `cuts` ends one connection after so many bytes went up. `up` counts them."""

    port: int
    cuts: list[int] = field(default_factory=list)
    up: int = 0

    def carry(self, near: socket.socket) -> None:
        """One connection."""
        far = socket.create_connection(("127.0.0.1", self.port))
        threading.Thread(target=self._down, args=(far, near), daemon=True).start()
        sent = 0
        try:
            while data := near.recv(65536):
                self.up += len(data)
                sent += len(data)
                if self.cuts and sent > self.cuts[0]:
                    far.sendall(data[: len(data) // 2])
                    self.cuts.pop(0)
                    break
                far.sendall(data)
        except OSError:
            pass
        finally:
            for end in (near, far):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _down(self, far: socket.socket, near: socket.socket) -> None:
        try:
            while data := far.recv(65536):
                near.sendall(data)
        except OSError:
            return


@contextmanager
def line(port: int) -> Iterator[tuple[Line, str]]:
    carried = Line(port)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=carried.carry, args=(near,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield carried, f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def blob(folder: Path, size: int) -> tuple[str, Path]:
    data = os.urandom(size)
    path = folder / f"blob-{size}"
    path.write_bytes(data)
    return f"sha256:{hashlib.sha256(data).hexdigest()}", path


def push(host: str, repository: str = "app", **more: object) -> Push:
    name = parse_name(f"{host}/{repository}:x")
    return Push(name, Access(), null_sink, patience=QUICK, **more)  # type: ignore[arg-type]


def test_uploads_once_and_takes_over_from_beside(tmp_path: Path) -> None:
    with docker_registry(tmp_path) as host:
        digest, path = blob(tmp_path, 300_000)
        first = push(host)
        first.blobs([(digest, path)])
        assert first.uploaded_bytes == 300_000 and first.has(digest, 300_000)
        again = push(host)
        again.blobs([(digest, path)])
        assert again.uploaded_bytes == 0
        elsewhere = push(host, "other/name", beside="app")
        elsewhere.blobs([(digest, path)])
        assert elsewhere.uploaded_bytes == 0
        found = httpx.get(f"http://{host}/v2/other/name/blobs/{digest}", trust_env=False).content
        assert found == path.read_bytes()


def test_begins_anew_where_the_registry_forgets(tmp_path: Path) -> None:
    with docker_registry(tmp_path) as host, line(int(host.rpartition(":")[2])) as (carried, through):
        digest, path = blob(tmp_path, 8_000_000)
        carried.cuts = [5_000_000]
        push(through).blobs([(digest, path)])
        assert not carried.cuts, "the line was cut"
        found = httpx.get(f"http://{host}/v2/app/blobs/{digest}", trust_env=False).content
        assert found == path.read_bytes()


class Remembering(BaseHTTPRequestHandler):
    """A registry that keeps what arrived of a PATCH that broke off."""

    protocol_version = "HTTP/1.1"
    held = b""
    starts: ClassVar[list[str]] = []

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for key, value in {"Content_Length": "0", "Location": "/v2/app/blobs/uploads/u", **headers}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()

    def do_HEAD(self) -> None:
        """No blob is here."""
        self.answer(404)

    def do_POST(self) -> None:
        """An upload begins."""
        self.answer(202)

    def do_PATCH(self) -> None:
        """The first one breaks off half-way."""
        cls = type(self)
        cls.starts.append(self.headers["Content-Range"])
        size = int(self.headers["Content-Length"])
        cls.held += self.rfile.read(size if len(cls.starts) > 1 else size // 2)
        if len(cls.starts) == 1:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.answer(202)

    def do_GET(self) -> None:
        """The ping, and how much has arrived."""
        self.answer(204 if "uploads" in self.path else 200, Range=f"0-{len(self.held) - 1}")

    def do_PUT(self) -> None:
        """The end."""
        whole = f"digest=sha256%3A{hashlib.sha256(self.held).hexdigest()}" in self.path
        self.answer(201 if whole else 400)


def test_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    handler = type("Bound", (Remembering,), {"held": b"", "starts": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        digest, path = blob(tmp_path, 4_000_000)
        push(f"127.0.0.1:{server.server_address[1]}").blobs([(digest, path)])
    finally:
        server.shutdown()
        server.server_close()
    assert handler.starts == ["0-3999999", "2000000-3999999"]  # type: ignore[attr-defined]


def test_gives_up_cleanly(tmp_path: Path) -> None:
    with docker_registry(tmp_path) as host, line(int(host.rpartition(":")[2])) as (carried, through):
        digest, path = blob(tmp_path, 3_000_000)
        carried.cuts = [1_000_000] * 3
        with pytest.raises(NetworkError):
            push(through).blobs([(digest, path)])
        assert httpx.head(f"http://{host}/v2/app/blobs/{digest}", trust_env=False).status_code == 404


def test_needs_a_password_and_says_so(tmp_path: Path) -> None:
    with docker_registry(tmp_path, password=True) as host:
        digest, path = blob(tmp_path, 1000)
        with pytest.raises(NetworkError, match="user and a password"):
            push(host).blobs([(digest, path)])
        file = auth_file(tmp_path / "auth.json", host)
        name = parse_name(f"{host}/app:x")
        able = Push(name, Access(auth_files=(file,)), null_sink, patience=QUICK)
        able.blobs([(digest, path)])
        assert able.uploaded_bytes == 1000


def test_nobody_there() -> None:
    with pytest.raises(NetworkError):
        push("127.0.0.1:1").has("sha256:" + "0" * 64, 1)


def test_destinations() -> None:
    assert str(parse_destination("docker://example.org/a/b")) == "docker://example.org/a/b:latest"
    assert str(parse_destination("docker://127.0.0.1:5000/a:t")) == "docker://127.0.0.1:5000/a:t"
    with pytest.raises(UsageError):
        parse_destination("docker://example.org/a@sha256:" + "0" * 64)
