"""A real build with secrets: their values are in no process's arguments, no output, no report, no image."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import uuid
from pathlib import Path

import pytest

DOCKERFILE = """FROM python:3.11
ARG API_TOKEN
RUN --mount=type=secret,id=netrc cat /run/secrets/netrc && echo "$API_TOKEN" && sleep 3
COPY app.py /app.py
EXPOSE 8000
CMD ["python", "/app.py"]
"""
APP = """import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["SERVICE_TOKEN"].encode())
http.server.HTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
"""
CLIENTS = {"docker": "/usr/bin/docker", "buildah": "podman"}


def arguments() -> str:
    """The arguments of every process on this machine."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                found.append((entry / "cmdline").read_bytes().decode(errors="replace"))
            except OSError:
                continue
    return "\n".join(found)


@pytest.mark.engine
def test_values_stay_where_they_belong(builder: str, tmp_path: Path) -> None:
    in_file, in_argument, for_service = (f"v{uuid.uuid4().hex}" for _ in range(3))
    values = (in_file, in_argument, for_service)
    root = tmp_path / "project"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "app.py").write_text(APP)
    (root / "tare.toml").write_text(
        f'[verify]\nprobes = [{{ path = "/" }}]\nenv = {{ SERVICE_TOKEN = "{for_service}" }}\n'
    )
    (root / ".dockerignore").write_text("tare.toml\n")
    (tmp_path / "netrc").write_text(in_file)
    tag = f"tare-estimates-{uuid.uuid4().hex[:8]}:x"
    seen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            seen.append(arguments())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tare.cli.main", "optimize", str(root), "--builder", builder, "--network", "host",
             "--no-rebuilds", "--build-arg", "API_TOKEN", "--secret", f"id=netrc,src={tmp_path / 'netrc'}",
             "--tag", tag, "--format", "json", "--output", str(tmp_path / "out")],
            env={**os.environ, "API_TOKEN": in_argument}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        history = subprocess.run(
            [CLIENTS[builder], "history", "--no-trunc", tag], capture_output=True, text=True, check=True
        ).stdout
    finally:
        over.set()
        watcher.join()
        subprocess.run([CLIENTS[builder], "rmi", "-f", tag], capture_output=True, check=False)
    assert report["outcome"] == "optimized" and report["verification"]["compared"]
    watched = "\n".join(seen)
    assert "id=netrc,src=" in watched and "API_TOKEN" in watched, "the build was not seen"
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    for value in values:
        for name, text in (
            ("arguments", watched),
            ("stdout", done.stdout),
            ("stderr", done.stderr),
            ("files", written),
        ):
            assert value not in text, f"a secret in {name}"
        assert value not in history, "a secret in the image's history"
    left = [
        path
        for path in Path(tempfile.gettempdir()).glob("tare-build-*")
        if path.stat().st_mtime > root.stat().st_mtime
    ]
    assert not [
        path
        for path in left
        if in_file in "".join(p.read_text(errors="replace") for p in path.rglob("secret-*"))
    ]
