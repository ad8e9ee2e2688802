"""Parts of an image read from an archive: every byte is in one."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

from tare.dockerfile import parse
from tare.image import open_image
from tare.image.analysis import analyse
from tare.image.facts import facts_of
from tare.optimize.parts import Kind, Part, measured_parts

DOCKERFILE = (
    "FROM python:3.11 AS builder\nRUN make\nFROM python:3.11-slim\nRUN apt-get install -y vim\n"
    "COPY . /app\nCOPY --from=builder /opt/venv /opt/venv\nCMD run\n"
)
STATUS = "Package: {}\nStatus: install ok installed\nVersion: 1\n\n"
DIST = "opt/venv/lib/python3.11/site-packages"
LAYERS = (
    ("base", {
        "etc/base": 10, "usr/bin/bash": 100, "var/lib/dpkg/info/bash.list": b"/usr/bin/bash\n",
        "var/lib/dpkg/status": STATUS.format("bash").encode(),
    }),
    ("RUN /bin/sh -c apt-get install -y vim # buildkit", {
        "usr/bin/vim": 1000, "var/lib/apt/lists/deb": 300, "var/lib/dpkg/info/vim.list": b"/usr/bin/vim\n",
        "var/lib/dpkg/status": (STATUS.format("bash") + STATUS.format("vim")).encode(), "etc/new": 7,
    }),
    ("COPY . /app # buildkit", {"app/main.py": 50}),
    ("COPY /opt/venv /opt/venv # buildkit", {
        f"{DIST}/demo/__init__.py": 20, f"{DIST}/demo/__pycache__/__init__.cpython-311.pyc": 30,
        f"{DIST}/demo/tests/test_a.py": 40, "opt/venv/bin/activate": 5,
        f"{DIST}/demo-1.dist-info/METADATA": b"Name: demo\nVersion: 1\n",
        f"{DIST}/demo-1.dist-info/RECORD": b"demo/__init__.py,,\ndemo/tests/test_a.py,,\n",
    }),
)  # fmt: skip


def archive(path: Path) -> None:
    names = []
    with tarfile.open(path, "w") as whole:

        def add(name: str, data: bytes) -> None:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            whole.addfile(info, io.BytesIO(data))

        history, digests = [], []
        for number, (made_by, files) in enumerate(LAYERS):
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w") as layer:
                for name, content in files.items():
                    data = content if isinstance(content, bytes) else b"x" * content
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    layer.addfile(info, io.BytesIO(data))
            digests.append("sha256:" + hashlib.sha256(buffer.getvalue()).hexdigest())
            history.append({"created_by": made_by})
            names.append(f"{number}/layer.tar")
            add(names[-1], buffer.getvalue())
        config = {
            "architecture": "amd64", "os": "linux", "config": {}, "history": history,
            "rootfs": {"type": "layers", "diff_ids": digests},
        }  # fmt: skip
        add("config.json", json.dumps(config).encode())
        add(
            "manifest.json",
            json.dumps([{"Config": "config.json", "RepoTags": ["a:b"], "Layers": names}]).encode(),
        )


def test_every_byte_is_in_one_part(tmp_path: Path) -> None:
    archive(tmp_path / "image.tar")
    with open_image(f"docker-archive:{tmp_path / 'image.tar'}") as image:
        analysis = analyse(image)
        parts = measured_parts(analysis, parse(DOCKERFILE))
        sizes = {part: weight.size_bytes for part, weight in parts.items()}
        facts = facts_of(analysis)
    assert sum(sizes.values()) == facts.size_bytes.value
    packed = sum(weight.packed_bytes for weight in parts.values())
    assert abs(packed - (facts.compressed_bytes.value or 0)) <= len(LAYERS)
    assert sizes[Part(Kind.BASE_PACKAGE, "bash")] == 100 and sizes[Part(Kind.SYSTEM, "vim")] == 1000
    assert sizes[Part(Kind.CACHE, "apt")] == 300 and sizes[Part(Kind.PROJECT)] == 50
    assert sizes[Part(Kind.BYTECODE, "demo")] == 30 and sizes[Part(Kind.PRUNABLE, "demo")] == 40
    assert sizes[Part(Kind.HIDDEN)] == len(STATUS.format("bash"))
    assert sizes[Part(Kind.BASE)] == 10 + len("/usr/bin/bash\n")
