"""Which packages an install brings, against apt itself, in a real base image."""

import subprocess
from pathlib import Path

import pytest

from tare.core.errors import NetworkError
from tare.knowledge.debian_archive import ArchiveSettings, read_archive
from tare.knowledge.debian_closure import installs

REQUESTS = (
    "git",
    "build-essential",
    "vim",
    "libgl1 libglib2.0-0",
    "libpq-dev",
    "ffmpeg",
    "supervisor",
    "poppler-utils",
)
IMAGE = "python:3.11-slim"


def in_image(script: str, network: str) -> str:
    return subprocess.run(
        ["/usr/bin/docker", "run", "--rm", "-i", f"--network={network}", IMAGE, "sh"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.engine
@pytest.mark.network
def test_the_same_packages_as_apt(tmp_path: Path) -> None:
    release = in_image(". /etc/os-release; echo $VERSION_CODENAME", "none").strip()
    try:
        archive = read_archive(release, "linux/amd64", ArchiveSettings(cache=tmp_path))
    except NetworkError as error:
        pytest.skip(str(error))
    present = in_image("dpkg-query -W -f '${Package}\\n'", "none").split()
    script = "apt-get update -qq >/dev/null 2>&1\n"
    for request in REQUESTS:
        for flag in ("--no-install-recommends", "--install-recommends"):
            script += (
                f"echo '== {request}'\napt-get install -s -qq {flag} {request} | grep ^Inst | cut -d' ' -f2\n"
            )
    blocks = in_image(script, "host").split("== ")[1:]
    assert len(blocks) == 2 * len(REQUESTS)
    for number, block in enumerate(blocks):
        request, *found = block.split("\n")
        apt = {name for name in found if name}
        ours = installs(archive, request.split(), present, recommends=bool(number % 2))
        upgraded = apt & set(present)
        assert {package.name for package in ours.packages} == apt - upgraded, request
        assert not ours.lost or number % 2
