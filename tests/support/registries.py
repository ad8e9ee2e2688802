"""Registries on loopback: Debian's docker-registry as it is, and one of our own that misbehaves on demand."""

import base64
import json
import os
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "ada", "pass:wörd"


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def docker_registry(
    folder: Path, *, password: bool = False, authority: "Authority | None" = None
) -> Iterator[str]:
    """`docker-registry` with its data in a folder, with TLS where an authority is given; gives `127.0.0.1:PORT`."""
    port = free_port()
    lines = [
        "version: 0.1",
        "log: {level: error, accesslog: {disabled: true}}",
        f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}}}",
    ]
    tls = ""
    if authority is not None:
        tls = f", tls: {{certificate: {authority.server}, key: {authority.key}}}"
    lines.append(f"http: {{addr: '127.0.0.1:{port}'{tls}}}")
    if password:
        listed = subprocess.run(
            ["htpasswd", "-nbB", "-C", "4", USER, PASSWORD], check=True, capture_output=True, text=True
        )
        (folder / "htpasswd").write_text(listed.stdout.strip() + "\n")
        lines.append(f"auth: {{htpasswd: {{realm: tests, path: {folder / 'htpasswd'}}}}}")
    (folder / "config.yml").write_text("\n".join(lines))
    server = subprocess.Popen(
        ["docker-registry", "serve", str(folder / "config.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", port), 1):
                    break
            except OSError:
                time.sleep(0.02)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def auth_file(path: Path, host: str, user: str = USER, password: str = PASSWORD) -> Path:
    """What `docker login` writes."""
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    return path


@dataclass
class FakeRegistry:
    """Serves the files of an OCI layout as `app`, tag `latest`; `answer` may take over any request."""

    files: Mapping[str, bytes]
    token: str = ""
    """When set, requests need it as bearer token, and `/token` gives it to those who know the password."""
    identity_token: str = ""
    ranges: bool = True
    cut_after: int = 0
    """Break off each blob after so many bytes."""
    answer: Callable[["Request"], bool] = lambda request: False
    seen: Counter[str] = field(default_factory=Counter)
    host: str = ""


class Request(BaseHTTPRequestHandler):
    """One request to a `FakeRegistry`."""

    protocol_version = "HTTP/1.1"
    registry: FakeRegistry

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer and note."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        """As GET, without the body; counted apart."""
        self.registry.seen["HEAD " + urlsplit(self.path).path] += 1
        if not self.registry.answer(self):
            self.reply(405)

    def do_POST(self) -> None:
        """The OAuth2 way to a token."""
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = fields.get("refresh_token") == [self.registry.identity_token]
        self.registry.seen["oauth"] += 1
        self.reply(200 if good else 401, json.dumps({"access_token": self.registry.token}).encode())

    def do_GET(self) -> None:
        """Everything else."""
        registry = self.registry
        url = urlsplit(self.path)
        registry.seen[url.path] += 1
        if registry.answer(self):
            return
        if url.path == "/token":
            wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            good = self.headers.get("Authorization") == wanted
            scope = parse_qs(url.query).get("scope", [""])[0]
            assert scope == "repository:app:pull", scope
            self.reply(200 if good else 401, json.dumps({"token": registry.token}).encode())
            return
        if registry.token and self.headers.get("Authorization") != f"Bearer {registry.token}":
            challenge = f'Bearer realm="http://{registry.host}/token",service="tests, all",scope="repository:app:pull"'
            self.reply(
                401, b'{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}', WWW_Authenticate=challenge
            )
            return
        self._serve(url.path)

    def _serve(self, path: str) -> None:
        registry = self.registry
        if path == "/v2/":
            self.reply(200, b"{}")
            return
        index = json.loads(registry.files["index.json"])
        if path == "/v2/app/manifests/latest":
            one = index["manifests"][0]
            self.reply(
                200, registry.files["blobs/" + one["digest"].replace(":", "/")], Content_Type=one["mediaType"]
            )
            return
        name = "blobs/" + path.rpartition("/")[2].replace(":", "/")
        body = registry.files.get(name) if path.startswith("/v2/app/") else None
        if body is None:
            self.reply(404, b'{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown"}]}')
        elif path.startswith("/v2/app/manifests/"):
            self.reply(200, body, Content_Type=json.loads(body)["mediaType"])
        else:
            self._blob(body)

    def _blob(self, body: bytes) -> None:
        registry = self.registry
        start = 0
        asked = self.headers.get("Range")
        if asked and registry.ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        rest = body[start:]
        if registry.cut_after and len(rest) > registry.cut_after:
            self.wfile.write(rest[: registry.cut_after])
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(rest)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of one's own, and what it signed for 127.0.0.1 and localhost."""

    certificate: Path
    server: Path
    key: Path


def new_authority(folder: Path) -> Authority:
    """Made by openssl: an authority, and a server's certificate with its key."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    ca_key, request = folder / "ca.key", folder / "server.csr"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    usage = ["-addext", "keyUsage=critical,keyCertSign"]
    for command in (
        [
            "req",
            "-x509",
            *key,
            "-keyout",
            ca_key,
            "-out",
            made.certificate,
            "-days",
            "2",
            "-subj",
            "/CN=tests",
            *usage,
        ],
        ["req", *key, "-keyout", made.key, "-out", request, "-subj", "/CN=localhost"],
        [
            *("x509", "-req", "-in", request, "-CA", made.certificate, "-CAkey", ca_key, "-CAcreateserial"),
            *("-days", "2", "-extfile", extensions, "-out", made.server),
        ],
    ):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    return made


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up: tests make them do so."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@contextmanager
def serving(registry: FakeRegistry, authority: Authority | None = None) -> Iterator[str]:
    """Run it in threads, with TLS where an authority is given; gives `127.0.0.1:PORT`."""
    handler = type("Bound", (Request,), {"registry": registry})
    server = _Server(("127.0.0.1", 0), handler)
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.server, authority.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    registry.host = f"127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield registry.host
    finally:
        server.shutdown()
        server.server_close()


def helper_program(folder: Path, name: str, answers: Mapping[str, str]) -> dict[str, str]:
    """A `docker-credential-NAME` that knows some servers; gives the environment to run it in."""
    program = folder / f"docker-credential-{name}"
    lines = ["#!/bin/sh", "read server", 'case "$server" in']
    lines += [f"'{server}') echo '{answer}';;" for server, answer in answers.items()]
    lines += ["*) echo 'credentials not found in native keychain'; exit 1;;", "esac"]
    program.write_text("\n".join(lines) + "\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
