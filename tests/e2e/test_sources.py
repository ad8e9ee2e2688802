"""One real image by every way that tools of this machine offer: the same layers, entries, packages and waste."""

import os
import subprocess
from pathlib import Path

import pytest

from tare.image import analyse, open_image
from tare.image.access import access_from_environment
from tests.support.registries import docker_registry

pytestmark = pytest.mark.engine

NAME = "debian:bookworm-slim"
DOCKER = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"


def look(reference: str) -> tuple[object, ...]:
    with open_image(reference, access=access_from_environment(os.environ)) as image:
        found = analyse(image, sample=False)
    packages = [(one.manager, one.name, one.version, one.files) for one in found.packages]
    return [layer.diff_id for layer in image.layers], [scan.entries for scan in found.scans], packages


def test_every_source_tells_the_same(tmp_path: Path) -> None:
    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)

    expected = look(f"docker-daemon:{NAME}")
    run(DOCKER, "save", "-o", str(tmp_path / "docker.tar"), NAME)
    copy = ("skopeo", "copy", "-q", "--insecure-policy", "--dest-tls-verify=false", f"docker-daemon:{NAME}")
    run(*copy, f"docker-archive:{tmp_path / 'skopeo.tar'}")
    run(*copy, f"oci:{tmp_path / 'layout'}:it")
    run(*copy, f"oci-archive:{tmp_path / 'oci.tar'}:it")
    run("podman", "save", "-q", "--format", "oci-archive", "-o", str(tmp_path / "podman-oci.tar"), NAME)
    run("podman", "save", "-q", "--format", "docker-archive", "-o", str(tmp_path / "podman.tar"), NAME)
    run("buildah", "push", "-q", NAME, f"oci-archive:{tmp_path / 'buildah.tar'}")
    archives = (
        "docker.tar",
        "skopeo.tar",
        "layout",
        "oci.tar",
        "podman-oci.tar",
        "podman.tar",
        "buildah.tar",
    )
    references = [f"containers-storage:{NAME}", *(str(tmp_path / name) for name in archives)]
    for reference in references:
        assert look(reference) == expected, reference
    with docker_registry(tmp_path) as host:
        run(*copy, f"docker://{host}/base:1")
        assert look(f"docker://{host}/base:1") == expected
