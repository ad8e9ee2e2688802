"""GitHub's and GitLab's comments on loopback: what was asked is recorded as it came over the wire."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class FakeForge:
    """Comments of one request. `page` of them come at once; `status` answers everything when it is set."""

    comments: list[dict[str, object]] = field(default_factory=list)
    page: int = 2
    status: int = 0
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def bodies(self) -> list[str]:
        """The texts of all comments."""
        return [str(one["body"]) for one in self.comments]


class _Handler(BaseHTTPRequestHandler):
    forge: FakeForge

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        forge = self.forge
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        forge.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if forge.status:
            self._reply(forge.status, {"message": "no"})
        elif self.command == "GET":
            number = int(parse_qs(url.query).get("page", ["1"])[0])
            shown = forge.comments[(number - 1) * forge.page : number * forge.page]
            more = len(forge.comments) > number * forge.page
            link = f'<{forge.url}{url.path}?per_page=100&page={number + 1}>; rel="next"' if more else ""
            self._reply(200, shown, link)
        elif self.command == "POST":
            forge.comments.append({"id": len(forge.comments) + 1, "body": json.loads(body)["body"]})
            self._reply(201, forge.comments[-1])
        else:
            found = next(one for one in forge.comments if str(one["id"]) == url.path.rpartition("/")[2])
            found["body"] = json.loads(body)["body"]
            self._reply(200, found)

    do_GET = do_POST = do_PATCH = do_PUT = _answer

    def _reply(self, status: int, value: object, link: str = "") -> None:
        raw = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def serving_forge(forge: FakeForge) -> Iterator[str]:
    """Run it; gives its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"forge": forge}))
    server.daemon_threads = True
    forge.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield forge.url
    finally:
        server.shutdown()
        server.server_close()
