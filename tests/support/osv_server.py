"""OSV's bulk files on the loopback interface, with ranges, and with the faults that networks have."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class OsvServer:
    """`documents` by ecosystem. `break_after` bytes of an archive the connection is cut, once for each item."""

    documents: dict[str, list[dict[str, Any]]]
    url: str = ""
    break_after: list[int] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Paths with the range that was asked for."""
    broken_index: bool = False

    def file(self, path: str) -> bytes | None:
        """The content of a path."""
        ecosystem, _, name = path.strip("/").partition("/")
        known = self.documents.get(ecosystem)
        if known is None:
            return None
        if name == "all.zip":
            target = io.BytesIO()
            with zipfile.ZipFile(target, "w") as archive:
                for one in known:
                    archive.writestr(zipfile.ZipInfo(f"{one['id']}.json"), json.dumps(one))
            return target.getvalue()
        if name == "modified_id.csv":
            rows = sorted(((one["modified"], one["id"]) for one in known), reverse=True)
            return (
                b"<html>"
                if self.broken_index
                else "".join(f"{when},{name}\n" for when, name in rows).encode()
            )
        found = {f"{one['id']}.json": one for one in known}.get(name)
        return None if found is None else json.dumps(found).encode()


@contextmanager
def serve(documents: Mapping[str, list[dict[str, Any]]]) -> Iterator[OsvServer]:
    """A server while the block runs."""
    state = OsvServer(dict(documents))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            content = state.file(self.path)
            if content is None:
                self.send_error(404)
                return
            tag = f'"{hashlib.md5(content).hexdigest()}"'
            start = 0
            if wanted and self.headers.get("If-Range") == tag:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start > len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            piece = content[start:]
            if self.path.endswith("all.zip") and state.break_after:
                self.wfile.write(piece[: state.break_after.pop(0)])
                self.wfile.flush()
                self.close_connection = True
                self.connection.close()
                return
            self.wfile.write(piece)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
