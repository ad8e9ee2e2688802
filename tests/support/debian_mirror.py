"""A Debian mirror on the loopback interface that holds one small package list."""

import lzma
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PACKAGES = """\
Package: apt
Version: 1
Installed-Size: 100
Size: 40000
Priority: required
Depends: libc6 (>= 2)

Package: libc6
Version: 1
Installed-Size: 1000
Size: 400000
Priority: required

Package: gcc
Version: 1
Installed-Size: 20000
Size: 8000000
Depends: libc6, cpp | other-cpp
Recommends: manpages, nowhere

Package: cpp
Version: 1
Installed-Size: 500
Size: 200000
Provides: c-preprocessor (= 1)

Package: other-cpp
Version: 1
Installed-Size: 900000
Size: 200000

Package: manpages
Version: 1
Installed-Size: 50
Size: 20000

Package: vim
Version: 2:1
Installed-Size: 3000
Size: 1000000
Pre-Depends: libc6
Depends: c-preprocessor, missing-thing

Package: libgomp1
Version: 1
Installed-Size: 300
Size: 100000
"""


def packed_list(text: str = PACKAGES) -> bytes:
    """`Packages.xz`."""
    return lzma.compress(text.encode())


@contextmanager
def serve_mirror(body: bytes) -> Iterator[tuple[str, list[str]]]:
    """The mirror's address, and the paths that were asked; every release has the same list."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            found = self.path.endswith("/main/binary-amd64/Packages.xz")
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(body if found else b"")

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/debian", asked
    finally:
        server.shutdown()
        server.server_close()
