"""Libraries within wheels are found by their own version texts, with the file and the distribution; and in nothing else."""

import json
from pathlib import Path

import pytest

from tare import api
from tare.report import render
from tare.security.advisories import import_documents
from tare.security.native import texts_of
from tests.support.random_image import Operation, layer_tar, write_docker_archive

SITE = "usr/lib/python3.11/site-packages"
TEXTS = {
    "openssl": (b"OpenSSL 1.1.1k  25 Mar 2021", "1.1.1k"),
    "zlib": (b" deflate 1.2.11 Copyright 1995-2017 Jean-loup Gailly and Mark Adler ", "1.2.11"),
    "curl": (b"libcurl/7.76.1", "7.76.1"),
    "libpng": (b"libpng version 1.6.37", "1.6.37"),
    "libjpeg-turbo": (b"libjpeg-turbo version 2.1.0 (build 20210101)", "2.1.0"),
    "libtiff": (b"LIBTIFF, Version 4.3.0\nCopyright", "4.3.0"),
    "ffmpeg": (b"FFmpeg version 4.4.1", "4.4.1"),
    "openblas": (b"OpenBLAS 0.3.21 DYNAMIC_ARCH", "0.3.21"),
    "expat": (b"expat_2.4.1", "2.4.1"),
    "bzip2": (b"\x001.0.8, 13-Jul-2019\x00", "1.0.8"),
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_version_texts(name: str) -> None:
    text, version = TEXTS[name]
    assert [(found, number) for found, number, _ in texts_of(b"\x7fELF" + bytes(50) + text + bytes(50))] == [
        (name, version)
    ]


@pytest.mark.parametrize("text", [b"OpenSSL 3.x", b"see libpng", b"OpenBLAS", b"https://openssl.org 1.1.1"])
def test_names_alone_prove_nothing(text: bytes) -> None:
    assert list(texts_of(b"\x7fELF" + text)) == []


def test_a_wheel_with_old_libraries(tmp_path: Path) -> None:
    info = f"{SITE}/opencv_python-4.5.1.dist-info"
    library = b"\x7fELF" + bytes(9_000_000) + TEXTS["openssl"][0] + b"\0"
    files = {
        f"{info}/METADATA": b"Name: opencv-python\nVersion: 4.5.1\n",
        f"{info}/RECORD": b"opencv_python.libs/libcrypto-018d7e0a.so.1.1,,\ncv2/data.txt,,\n",
        f"{SITE}/opencv_python.libs/libcrypto-018d7e0a.so.1.1": library,
        f"{SITE}/cv2/data.txt": TEXTS["zlib"][0],
    }
    tar = layer_tar([Operation("file", path, content) for path, content in files.items()])
    reference = f"docker-archive:{write_docker_archive(tmp_path / 'i.tar', [tar])}"
    document = {
        "id": "A-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}}],
    }
    import_documents(tmp_path / "db", [("a.json", json.dumps(document).encode())])
    report = api.scan(reference, database=tmp_path / "db", checks=["vulnerabilities"], environ={})
    assert [(one.name, one.version, one.package) for one in report.bundled] == [
        ("openssl", "1.1.1k", "opencv-python")
    ]
    assert report.bundled[0].evidence == "OpenSSL 1.1.1k  25 Mar 2021" and report.bundled[0].path.endswith(
        "libcrypto-018d7e0a.so.1.1"
    )
    assert "openssl 1.1.1k in opencv-python 4.5.1" in render(report, "text")
    bill = json.loads(api.sbom(reference, environ={}))
    assert "pkg:generic/openssl@1.1.1k" in {one["purl"] for one in bill["components"]}
