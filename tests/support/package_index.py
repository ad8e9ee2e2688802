"""A package index on the loopback interface, with wheels made on the fly."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def make_wheel(
    name: str,
    version: str,
    tag: str = "py3-none-any",
    *,
    requires: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
) -> tuple[str, bytes]:
    """File name and bytes of a wheel that installs; `files` default to one small module."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    contents = dict(files if files is not None else {f"{name.replace('-', '_')}.py": b"value = 1\n"})
    contents[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    ).encode()
    contents[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
    record = "".join(
        f"{path},sha256={hashlib.sha256(data).hexdigest()},{len(data)}\n" for path, data in contents.items()
    )
    contents[f"{info}/RECORD"] = record.encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            archive.writestr(path, data)
    return f"{stem}-{tag}.whl", stream.getvalue()


def make_sdist(
    name: str, version: str, *, requires: Sequence[str] = (), egg: bool = False
) -> tuple[str, bytes]:
    """File name and bytes of a sdist whose build script must never run: it raises."""
    stem = f"{name}-{version}"
    info = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{stem}/setup.py": "raise SystemExit('built a source distribution')\n",
        f"{stem}/PKG-INFO": info if egg else info + "".join(f"Requires-Dist: {r}\n" for r in requires),
    }
    if egg:
        files[f"{stem}/src/{name}.egg-info/requires.txt"] = "\n".join(requires) + "\n\n[test]\npytest\n"
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return f"{stem}.tar.gz", stream.getvalue()


@dataclass
class IndexServer:
    """A running index. The switches can be changed while it runs; `requests` is `METHOD path range`."""

    url: str
    files: dict[str, bytes]
    json_api: bool = True
    sizes: bool = True
    ranges: bool = True
    failures: list[int] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def simple(self) -> str:
        return f"{self.url}/simple"


def _project(filename: str) -> str:
    stem = filename.split("-")[0] if filename.endswith(".whl") else filename.rpartition("-")[0]
    return stem.replace("_", "-").replace(".", "-").lower()


def _page(server: IndexServer, name: str) -> tuple[str, bytes] | None:
    names = sorted(filename for filename in server.files if _project(filename) == name)
    if not names:
        return None
    if server.json_api:
        files = [
            {"filename": n, "url": f"../../files/{n}", "hashes": {}, "yanked": False}
            | ({"size": len(server.files[n])} if server.sizes else {})
            for n in names
        ]
        body = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
        return "application/vnd.pypi.simple.v1+json", json.dumps(body).encode()
    links = "".join(f'<a href="../../files/{n}#sha256=0">{n}</a><br>\n' for n in names)
    return "text/html; charset=utf-8", f"<!DOCTYPE html><html><body>{links}</body></html>".encode()


def _handler(state: list[IndexServer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            server = state[0]
            wanted = self.headers.get("Range")
            server.requests.append(f"{self.command} {self.path} {wanted or ''}".strip())
            if server.failures:
                self._send(server.failures.pop(0), "text/plain", b"try later")
                return
            kind, body = "application/octet-stream", server.files.get(self.path.rpartition("/")[2])
            if self.path.startswith("/simple/"):
                kind, body = _page(server, self.path.split("/")[2]) or (kind, None)
            if body is None:
                self._send(404, "text/plain", b"no")
            elif wanted and server.ranges and self.path.startswith("/files/"):
                first, _, last = wanted.removeprefix("bytes=").partition("-")
                start = int(first) if first else max(0, len(body) - int(last))
                end = int(last) if first and last else len(body) - 1
                self._send(206, kind, body[start : end + 1], f"bytes {start}-{end}/{len(body)}")
            else:
                self._send(200, kind, body)

        def _send(self, status: int, kind: str, body: bytes, content_range: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status == 200 and kind.startswith("text/html"):
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            if content_range:
                self.send_header("Content-Range", content_range)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler


@contextmanager
def serve_index(files: Mapping[str, bytes]) -> Iterator[IndexServer]:
    """Serve the files as an index at `/simple/` until the block ends."""
    state: list[IndexServer] = []
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    httpd.daemon_threads = True
    state.append(IndexServer(f"http://127.0.0.1:{httpd.server_address[1]}", dict(files)))
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state[0]
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()
