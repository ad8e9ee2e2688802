"""Layers that clients may fetch file by file: eStargz and zstd:chunked. To whoever reads them whole they are gzip and zstd."""

import json
import subprocess
from pathlib import Path

import pytest

from tare.core.errors import ImageError
from tare.image import Analysis, analyse, open_image
from tare.image.access import Access
from tare.image.contents import Contents
from tests.support.estargz import FOOTER_BYTES, LANDMARK, TOC, content_at, estargz, footer, table_of
from tests.support.random_image import Operation, layer_tar, oci_files, write_docker_archive, write_files
from tests.support.registries import docker_registry

TEXT = "\n".join(map(str, range(20_000))).encode()  # skopeo 1.9 fails to make zstd:chunked layers of noise
LAYERS = (
    [
        Operation("directory", "etc", mode=0o755),
        Operation("file", "etc/big", TEXT),
        Operation("file", "etc/empty"),
        Operation("file", "etc/" + "n" * 150, b"a long name"),
        Operation("symlink", "etc/link", link="big"),
        Operation("hardlink", "etc/again", link="etc/big"),
    ],
    [Operation("whiteout", "etc/empty"), Operation("file", "app/main.py", b"print()\n")],
)


def trimmed(tar: bytes) -> bytes:
    """Ended by two zero blocks, as the engines do. skopeo 1.9 drops the further padding of Python's tar, and the layer then has
    not the diff ID that it writes down."""
    bare = tar.rstrip(b"\0")
    return bare + bytes(-len(bare) % 512) + bytes(1024)


TARS = [trimmed(layer_tar(layer)) for layer in LAYERS]


def look(reference: str) -> Analysis:
    with open_image(reference, access=Access()) as image:
        return analyse(image)


def shown(analysis: Analysis) -> dict[str, tuple[object, ...]]:
    """Names with all that their entries say, without what eStargz adds."""
    found = {
        node.path: node.inode.entry[1:7] + node.inode.entry[8:]
        for node in analysis.tree.walk()
        if node.path not in (TOC, LANDMARK)
    }
    return found


def stargz_files() -> tuple[dict[str, bytes], list[bytes]]:
    """An OCI layout with eStargz layers, and their blobs."""
    made = [estargz(tar) for tar in TARS]
    blobs = {plain: blob for plain, blob, _ in made}
    return oci_files([plain for plain, _, _ in made], lambda plain: blobs[plain]), [
        blob for _, blob, _ in made
    ]


def test_estargz_layers(tmp_path: Path) -> None:
    files, blobs = stargz_files()
    found = look(f"oci:{write_files(tmp_path / 'layout', files)}")
    assert shown(found) == shown(look(str(write_docker_archive(tmp_path / "plain.tar", TARS))))
    assert found.tree.get(TOC) is not None, "engines unpack the table as a file, and it takes its bytes"
    assert [scan.blob_bytes for scan in found.scans] == [len(blob) for blob in blobs]
    assert all(scan.compressed for scan in found.scans)


def test_estargz_is_made_as_its_specification_says() -> None:
    _, blob, _ = estargz(TARS[0])
    table = table_of(blob)
    assert table["version"] == 1 and len(footer(0)) == FOOTER_BYTES
    (big,) = (entry for entry in table["entries"] if entry["name"] == "etc/big")
    assert content_at(blob, big) == TEXT


@pytest.mark.parametrize("place", ["member", "footer", "cut footer", "more"])
def test_altered_estargz_layers_are_refused(tmp_path: Path, place: str) -> None:
    files, blobs = stargz_files()
    layout = write_files(tmp_path / "layout", files)
    blob = blobs[0]
    (path,) = (one for one in (layout / "blobs/sha256").iterdir() if one.read_bytes() == blob)
    altered = {
        "member": blob[:200] + bytes([blob[200] ^ 1]) + blob[201:],
        "footer": blob[:-FOOTER_BYTES] + footer(1),
        "cut footer": blob[:-FOOTER_BYTES],
        "more": blob + footer(2),
    }[place]
    path.write_bytes(altered)
    with pytest.raises(ImageError) as caught:
        look(f"oci:{layout}")
    assert caught.value.where and caught.value.hint


def test_contents_of_estargz_layers(tmp_path: Path) -> None:
    files, _ = stargz_files()
    with open_image(f"oci:{write_files(tmp_path / 'layout', files)}", access=Access()) as image:
        found = analyse(image)
        node = found.tree.get("etc/big")
        assert node is not None
        with Contents(found) as contents:
            assert contents.read(node.inode, 70_000, 100) == TEXT[70_000:70_100]


@pytest.mark.engine
def test_skopeo_reads_the_estargz_layers_of_the_tests(tmp_path: Path) -> None:
    files, _ = stargz_files()
    layout = write_files(tmp_path / "layout", files)
    target = tmp_path / "copy.tar"
    copy(f"oci:{layout}:latest", f"docker-archive:{target}:x:y")
    assert shown(look(str(target))) == shown(look(f"oci:{layout}"))


@pytest.mark.engine
def test_chunked_layers_that_skopeo_makes(tmp_path: Path) -> None:
    plain = write_docker_archive(tmp_path / "plain.tar", TARS)
    layout = tmp_path / "chunked"
    copy(f"docker-archive:{plain}", f"oci:{layout}:latest", "--dest-compress-format", "zstd:chunked")
    index = json.loads((layout / "index.json").read_bytes())
    manifest = json.loads((layout / "blobs" / index["manifests"][0]["digest"].replace(":", "/")).read_bytes())
    notes = manifest["layers"][0]["annotations"]
    assert any("zstd-chunked" in key for key in notes), "skopeo made layers of another kind"
    wanted = shown(look(str(plain)))
    assert shown(look(f"oci:{layout}:latest")) == wanted
    with docker_registry(tmp_path) as host:
        copy(
            f"oci:{layout}:latest",
            f"docker://{host}/app:latest",
            "--dest-tls-verify=false",
            "--preserve-digests",
        )
        found = look(f"docker://{host}/app:latest")
        assert shown(found) == wanted
        assert [layer.digest for layer in found.image.layers] == [one["digest"] for one in manifest["layers"]]


def copy(source: str, target: str, *options: str) -> None:
    """skopeo copy."""
    command = ["skopeo", "copy", "-q", "--insecure-policy", *options, source, target]
    subprocess.run(command, check=True, capture_output=True)
