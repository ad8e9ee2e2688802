"""An assembled image beside one that the engine built: the same packages, file for file, and both run."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tare import api
from tare.api._assemble import AssembleOptions
from tare.build.detect import detect
from tare.build.engine import BuildRequest
from tare.core.events import null_sink
from tare.image import analyse, open_image
from tare.image.compress import Compression
from tare.image.contents import Contents
from tare.image.tarhead import FILE
from tare.rewrite.facts import RewriteSettings
from tare.verify import Probe, VerifySettings, verify
from tare.verify.checks import Subject
from tests.support.registries import docker_registry

APP = """import bottle
import markupsafe


@bottle.get("/health")
def health():
    return {"escaped": str(markupsafe.escape("<ok>"))}


bottle.run(host="0.0.0.0", port=8000)
"""
DOCKERFILE = """FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-compile -r requirements.txt
ENV PATH=/opt/venv/bin:$PATH
COPY . .
EXPOSE 8000
CMD ["python", "main.py"]
"""
SITE = "opt/venv/lib/python3.11/site-packages/"
OTHER = ("/RECORD", "/INSTALLER", "/REQUESTED")


def packages(reference: str) -> dict[str, tuple[int, bytes]]:
    """Files of the environment with mode and content; what names the installer itself is left out, and so is pip."""
    with open_image(reference) as image:
        analysis = analyse(image, sample=False)
        with Contents(analysis) as contents:
            return {
                node.path: (node.inode.entry.mode & 0o777, contents.read(node.inode))
                for node in analysis.tree.walk()
                if node.path.startswith(SITE)
                and node.inode.entry.kind is FILE
                and not node.path.endswith(OTHER)
                and "__pycache__" not in node.path
                and node.path.removeprefix(SITE).split("/")[0].split("-")[0]
                not in ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils")
                and not node.path.endswith("distutils-precedence.pth")
            }


@pytest.mark.engine
def test_like_the_engine_builds_it(tmp_path: Path, environ: dict[str, str]) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.py").write_text(APP)
    (project / "requirements.txt").write_text("bottle==0.13.2\nmarkupsafe==3.0.2\n")
    (project / "Dockerfile").write_text(DOCKERFILE)
    engine = detect("docker", environ)
    built, assembled = "tare-asm-built:x", "tare-asm-assembled:x"
    try:
        engine.build(BuildRequest(project, DOCKERFILE, None, built, network="host"), null_sink)
        for destination in (f"docker-daemon:{assembled}", f"oci:{tmp_path / 'layout'}:x"):
            report = api.assemble(
                project,
                "docker-daemon:python:3.11-slim",
                destination,
                options=AssembleOptions(cache=tmp_path / "cache", environ=environ),
                compression=Compression("gzip", 2),
                settings=RewriteSettings(),
            )
        assert {"bottle==0.13.2", "markupsafe==3.0.2"} <= set(report.packages)
        ours, theirs = packages(f"docker-daemon:{assembled}"), packages(f"docker-daemon:{built}")
        assert ours == theirs and len(ours) > 10
        settings = VerifySettings(probes=(Probe("/health", status=200),), imports=("bottle", "markupsafe"))
        found = verify(engine, Subject(assembled, 8000, False), Subject(built, 8000, False), settings)
        assert found.ok, found
    finally:
        engine.remove(built)
        engine.remove(assembled)


@pytest.mark.engine
def test_other_tools_take_it(tmp_path: Path, environ: dict[str, str]) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.py").write_text("import bottle\nprint(bottle.__version__)\n")
    (project / "requirements.txt").write_text("bottle==0.13.2\n")
    (project / "Dockerfile").write_text(
        'FROM python:3.11-slim\nCOPY . /app\nRUN pip install -r /app/requirements.txt\nCMD ["python", "/app/main.py"]\n'
    )
    layout = tmp_path / "layout"
    for name, codec in (("x", Compression("gzip", 2)), ("zstd", Compression("zstd", 3))):
        api.assemble(
            project,
            "docker-daemon:python:3.11-slim",
            f"oci:{layout}:{name}",
            options=AssembleOptions(cache=tmp_path / "cache", environ=environ),
            compression=codec,
            settings=RewriteSettings(),
        )
    subprocess.run(["umoci", "unpack", "--image", f"{layout}:x", str(tmp_path / "bundle")], check=True)
    assert os.access(tmp_path / "bundle/rootfs/opt/venv/lib/python3.11/site-packages/bottle.py", os.R_OK)
    name = "localhost/tare-asm-podman:x"
    subprocess.run(["skopeo", "copy", "-q", f"oci:{layout}:zstd", f"containers-storage:{name}"], check=True)
    engine = detect("podman", environ)
    try:
        answer = engine.run(name, ["python", "/app/main.py"])
        assert answer.stdout.strip() == "0.13.2", answer
    finally:
        engine.remove(name)


@pytest.mark.engine
def test_pushed_to_a_registry_and_pulled_by_everybody(tmp_path: Path, environ: dict[str, str]) -> None:
    """Layers of several gzip members, through a real registry, into Docker, Podman and skopeo."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.py").write_text("import bottle\nprint(bottle.__version__)\n")
    (project / "requirements.txt").write_text("bottle==0.13.2\n")
    (project / "Dockerfile").write_text(
        'FROM python:3.11-slim\nCOPY . /app\nRUN pip install -r /app/requirements.txt\nCMD ["python", "/app/main.py"]\n'
    )
    (tmp_path / "registry").mkdir()
    with docker_registry(tmp_path / "registry") as host:
        name = f"{host}/tare-asm:x"
        report = api.assemble(
            project,
            "containers-storage:docker.io/library/python:3.11-slim",
            f"docker://{name}",
            options=AssembleOptions(cache=tmp_path / "cache", environ=environ),
            compression=Compression("gzip", 2),
            settings=RewriteSettings(),
        )
        words = [
            "skopeo",
            "copy",
            "-q",
            "--src-tls-verify=false",
            f"docker://{name}",
            f"oci:{tmp_path / 'copy'}:x",
        ]
        subprocess.run(words, check=True)
        index = json.loads((tmp_path / "copy/index.json").read_text())
        assert index["manifests"][0]["digest"] == report.digest
        for builder, pull in (
            ("docker", ["docker", "pull", "-q", name]),
            ("podman", ["podman", "pull", "-q", "--tls-verify=false", name]),
        ):
            engine = detect(builder, environ)
            try:
                subprocess.run(pull, check=True, capture_output=True)
                assert engine.run(name, ["python", "/app/main.py"]).stdout.strip() == "0.13.2"
            finally:
                engine.remove(name)
