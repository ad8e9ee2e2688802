"""^C at any stage leaves nothing behind: no image, no container, no temporary file, no process; nothing is written."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

# A step of the build, a container that runs, an export.
CASES = (
    ("cold build of tare-before", signal.SIGINT),
    ("verify", signal.SIGINT),
    ("verify", signal.SIGTERM),
    ("reading tare-before", signal.SIGINT),
)
DOCKERFILE = """FROM python:3.11-slim
LABEL tare-test="{mark}"
RUN echo {mark} && sleep {build_s}
COPY app.py /app.py
EXPOSE 8000
CMD ["python", "/app.py"]
"""
APP = """import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")
http.server.HTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
"""
CLIENTS = {"docker": ("/usr/bin/docker",), "buildah": ("podman",)}


def left(builder: str, mark: str) -> tuple[str, str]:
    """Images with a tag and containers that carry the mark."""
    client = CLIENTS[builder]
    found = []
    for words in (("images", "-f", "dangling=false"), ("ps", "-a")):
        done = subprocess.run(
            [*client, *words, "--filter", f"label=tare-test={mark}", "-q"],
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(done.stdout.strip())
    return found[0], found[1]


@pytest.mark.engine
@pytest.mark.parametrize(("stage", "sent"), CASES)
def test_an_interrupt_leaves_nothing_behind(
    builder: str, tmp_path: Path, stage: str, sent: signal.Signals
) -> None:
    mark = uuid.uuid4().hex
    root, temporary = tmp_path / "project", tmp_path / "tmp"
    root.mkdir()
    temporary.mkdir()
    (root / "app.py").write_text(APP)
    (root / "tare.toml").write_text('[verify]\nsettle_s = 5\nprobes = [{ path = "/" }]\n')
    text = DOCKERFILE.format(mark=mark, build_s=60 if stage.startswith("cold") else 0)
    (root / "Dockerfile").write_text(text)
    before = {path.name: path.read_bytes() for path in root.iterdir()}
    process = subprocess.Popen(
        [sys.executable, "-m", "tare.cli.main", "optimize", str(root), "--write", "--builder", builder,
         "--network", "host", "--no-rebuilds"],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        lines = follow(process, stage)
        time.sleep(1.5 if stage.startswith("cold") else 0.3)
        process.send_signal(sent)
        out, _ = process.communicate(timeout=90)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 130, "".join(lines)
    assert out == "" and lines[-1] == "interrupted; nothing was written\n", "".join(lines)
    assert "Traceback" not in "".join(lines)
    assert {path.name: path.read_bytes() for path in root.iterdir()} == before
    assert left(builder, mark) == ("", "")
    assert list(temporary.iterdir()) == []
    assert (
        mark not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    )


def follow(process: "subprocess.Popen[str]", stage: str) -> list[str]:
    """The lines of stderr, growing; returns once one of them speaks of the stage."""
    assert process.stderr is not None
    lines: list[str] = []
    reached = threading.Event()
    stream = process.stderr
    process.stderr = None

    def read() -> None:
        for line in stream:
            lines.append(line)
            if stage in line and "▶" in line:
                reached.set()
        reached.set()

    threading.Thread(target=read, daemon=True).start()
    assert reached.wait(240), "".join(lines)
    assert process.poll() is None, "".join(lines)
    return lines
