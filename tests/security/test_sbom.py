"""Bills of materials, held against the formats' own libraries."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from tare import api
from tare.image.catalog import Package
from tare.security.sbom.bill import purl
from tests.support.random_image import Operation, layer_tar, write_docker_archive

FILES = {
    "etc/os-release": b'ID=debian\nVERSION_ID="12"\n',
    "var/lib/dpkg/status": b"Package: libc6\nStatus: install ok installed\nSource: glibc\nVersion: 2.36-9+deb12u10\n"
    b"Architecture: amd64\n",
    "opt/a/site-packages/Zope.Interface-5.0.dist-info/METADATA": b"Name: Zope.Interface\nVersion: 5.0\n",
    "opt/b/site-packages/Zope.Interface-5.0.dist-info/METADATA": b"Name: Zope.Interface\nVersion: 5.0\n",
    "opt/a/site-packages/torch-2.1.0+cu118.dist-info/METADATA": b"Name: torch\nVersion: 2.1.0+cu118\n",
}


@pytest.fixture
def image(tmp_path: Path) -> str:
    tars = [layer_tar([Operation("file", path, content)]) for path, content in FILES.items()]
    return f"docker-archive:{write_docker_archive(tmp_path / 'image.tar', tars)}"


def test_cyclonedx_is_valid(image: str) -> None:
    text = api.sbom(image, "cyclonedx", environ={})
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found = json.loads(text)
    purls = [one["purl"] for one in found["components"]]
    assert purls == [
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?distro=debian-12",
        "pkg:pypi/torch@2.1.0%2Bcu118",
        "pkg:pypi/zope-interface@5.0",
        "pkg:pypi/zope-interface@5.0",
    ]
    assert len({one["bom-ref"] for one in found["components"]}) == 4


def test_spdx_is_valid(image: str, tmp_path: Path) -> None:
    target = tmp_path / "bill.spdx.json"
    target.write_text(api.sbom(image, "spdx", environ={}))
    document = parse_file(str(target))
    assert validate_full_spdx_document(document) == []
    assert {package.name for package in document.packages} >= {"libc6", "torch", "Zope.Interface"}


@pytest.mark.parametrize("name", ["cyclonedx", "spdx"])
def test_the_same_image_gives_the_same_document(image: str, name: str) -> None:
    assert api.sbom(image, name, environ={}) == api.sbom(image, name, environ={})
    epoch = api.sbom(image, name, environ={"SOURCE_DATE_EPOCH": "1700000000"})
    assert "2023-11-14T22:13:20Z" in epoch


def test_package_urls() -> None:
    scoped = Package("npm", "@scope/name", "1.0.0", (), None, "p")
    assert purl(scoped, {}) == "pkg:npm/%40scope/name@1.0.0"
    assert purl(
        Package("apk", "musl", "1.2.4-r2", (), None, "p"), {"ID": "alpine", "VERSION_ID": "3.19.1"}
    ) == ("pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.19.1")


def test_the_command_line(image: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tare.cli.main", "sbom", image, "--format", "spdx"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0 and json.loads(done.stdout)["spdxVersion"] == "SPDX-2.3"
