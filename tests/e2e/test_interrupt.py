"""^C at any stage leaves nothing behind: no image, no container, no temporary file, no process; nothing is written."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

from tare.build.podman import find_buildah
from tests.support.random_image import Operation, layer_tar, oci_files, write_files

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


@pytest.mark.engine
def test_a_half_written_image_goes_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Buildah leaves when it is stopped while it writes an image: no manifest, and listings warn or fail."""
    settings = tmp_path / "storage.conf"
    settings.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/store"\nrunroot = "{tmp_path}/run"\n'
    )
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(settings))
    engine = find_buildah(os.environ)
    for name in ("whole", "half"):
        layers = [layer_tar([Operation("file", name, name.encode())])]
        layout = write_files(tmp_path / name, oci_files(layers))
        subprocess.run(
            ["skopeo", "copy", "-q", "--insecure-policy", f"oci:{layout}:latest",
             f"containers-storage:localhost/{name}:1"],
            check=True,
        )  # fmt: skip
    listing = ["podman", "images", "-q"]
    both = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split()
    listed = tmp_path / "store/vfs-images/images.json"
    images = json.loads(listed.read_text())
    half = next(image for image in images if "localhost/half:1" in image["names"])
    for path in (tmp_path / "store/vfs-images" / half["id"]).glob("*manifest*"):
        path.unlink()
    del half["names"], half["big-data-names"], half["big-data-sizes"], half["big-data-digests"]
    listed.write_text(json.dumps(images))
    assert b"consider removing the image" in subprocess.run(listing, check=False, capture_output=True).stderr
    engine.mend_store()
    left = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split()
    assert left == [one for one in both if not half["id"].startswith(one)] and len(left) == 1
