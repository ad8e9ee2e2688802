"""Images that real engines built: every kind of waste found with its lines, and what explain and diff say of them."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tare import api
from tare.api._inspect import BudgetInputs
from tare.inspect.settings import BudgetSettings

pytestmark = pytest.mark.engine

DOCKERFILE = """\
FROM debian:bookworm-slim
ENV GREETING=hello
WORKDIR /srv
RUN mkdir -p /data/deep && head -c 3000000 /dev/zero > /data/deep/a && head -c 2000000 /dev/zero > /data/b
RUN rm -rf /data/deep && \\
    head -c 1000000 /dev/zero > /data/b
COPY --chown=1000 model.bin .
RUN chmod 600 model.bin && ln model.bin model-too.bin
RUN cp model.bin /opt/copy.bin && rm -rf /var/log/apt && mkdir -p /root/.cache/pip && \\
    head -c 1500000 /dev/urandom > /root/.cache/pip/x
CMD ["cat", "/srv/model.bin"]
"""
MODEL = 2_500_000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("inspect")
    (directory / "Dockerfile").write_text(DOCKERFILE)
    (directory / "model.bin").write_bytes(os.urandom(MODEL))
    return directory


@pytest.fixture(scope="module", params=["docker", "buildah"])
def image(request: pytest.FixtureRequest, project: Path) -> Iterator[str]:
    name = f"tare-inspect-test-{os.getpid()}"
    if request.param == "docker":
        command = ["/usr/bin/docker", "build", "-q", "--network=host", "-t", name, "."]
        environ = os.environ | {"DOCKER_BUILDKIT": "1"}
        reference, remove = f"docker-daemon:{name}:latest", ["/usr/bin/docker", "rmi", "-f", name]
    else:
        command = [
            "buildah",
            "build",
            "-q",
            "--layers",
            "--isolation=chroot",
            "--network=host",
            "-t",
            name,
            ".",
        ]
        environ = dict(os.environ)
        reference, remove = f"containers-storage:localhost/{name}:latest", ["buildah", "rmi", "-f", name]
    ran = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, timeout=500)
    assert ran.returncode == 0, ran.stderr[-2000:]
    yield reference
    subprocess.run(remove, capture_output=True, timeout=120, check=False)


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(DOCKERFILE.splitlines(), 1) if line.startswith(text))


def test_waste_cause_and_lines(image: str, project: Path) -> None:
    report = api.inspect(
        image,
        dockerfile=project / "Dockerfile",
        base="docker-daemon:debian:bookworm-slim" if image.startswith("docker") else None,
        budget=BudgetInputs(BudgetSettings(paths={"root/.cache/**": "1MB"}, waste="100MB")),
    )
    waste = report.waste.hidden_bytes
    assert waste["directory-whiteout"] + waste.get("whiteout", 0) >= 3_000_000
    assert waste["overwritten"] >= 2_000_000
    assert waste["metadata"] == MODEL
    assert report.waste.duplicate_bytes >= MODEL
    own = {layer.line: layer for layer in report.layers if layer.line}
    for text in ("RUN mkdir", "RUN rm", "COPY", "RUN chmod", "RUN cp"):
        assert line_of(text) in own, text
    assert own[line_of("COPY")].hidden_bytes == MODEL
    assert report.base is not None and not own[line_of("RUN mkdir")].base and report.layers[0].base
    assert report.base.known_by == ("compared" if image.startswith("docker") else "dockerfile")
    metadata = next(
        one for one in report.findings if one.name == "metadata-copies" and one.line == line_of("COPY")
    )
    assert metadata.path == str(project / "Dockerfile") and metadata.size_bytes == MODEL
    cache = next(item for item in report.what_if.items if item.name == "package-manager cache")
    assert cache.size_bytes >= 1_500_000
    assert {check.name: check.passed for check in report.budget} == {
        "waste": True,
        "paths root/.cache/**": False,
    }
    assert any(package.manager == "dpkg" and package.name == "libc6" for package in report.packages)


def test_explain_and_diff(image: str, project: Path) -> None:
    found = api.explain(image, "/srv/model.bin", dockerfile=project / "Dockerfile")
    assert found.origin is not None and found.origin.line == line_of("RUN chmod")
    assert found.names == ("srv/model-too.bin",) and found.mode == 0o600
    assert [one.cause for one in found.versions] == ["metadata"]
    libc = api.explain(image, "/usr/lib/x86_64-linux-gnu/libc.so.6")
    assert libc.package.startswith("dpkg:libc6") and libc.origin is not None and libc.origin.base
    kinds = {need.kind for need in libc.needs}
    assert {"elf", "package"} <= kinds
    start = api.explain(image, "/usr/bin/cat")
    assert any(need.kind == "start" for need in start.needs)
    if image.startswith("docker"):
        changed = api.diff("docker-daemon:debian:bookworm-slim", image)
        assert (
            changed.shared_layers == changed.before.layers
            and changed.after.read_layers < changed.after.layers
        )
        assert {"opt/copy.bin", "srv/model.bin"} <= {
            one.path for one in changed.files if one.change == "added"
        }
        assert {one.name: one.after for one in changed.configuration}["env GREETING"] == "hello"


def test_dive_sees_the_score_that_we_say(image: str, tmp_path: Path) -> None:
    """On a real image with a real base, to the last digit."""
    if not image.startswith("docker"):
        pytest.skip("dive reads the archive that Docker saves")
    archive = tmp_path / "image.tar"
    name = image.removeprefix("docker-daemon:")
    subprocess.run(["/usr/bin/docker", "save", "-o", str(archive), name], check=True, timeout=300)
    from tests.image.test_dive_score import DIVE

    subprocess.run(
        [DIVE, f"docker-archive://{archive}", "--json", str(tmp_path / "d.json")],
        check=True,
        capture_output=True,
        timeout=300,
    )
    dive = json.loads((tmp_path / "d.json").read_text())["image"]
    ours = api.inspect(f"docker-archive:{archive}", score="dive")
    assert ours.efficiency == dive["efficiencyScore"]
    assert ours.dive is not None and ours.dive.wasted_bytes == dive["inefficientBytes"]
