"""Images that want to harm: bombs, floods of entries, links and indexes in circles, names that climb out."""

import gzip
import io
import json
import lzma
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tare.core.errors import ImageError
from tare.image import Analysis, Limits, analyse, open_image
from tare.image.access import Access
from tests.support.random_image import (
    Operation,
    digest,
    layer_tar,
    oci_files,
    write_docker_archive,
    write_files,
    write_tar,
)


def look(reference: str, limits: Limits | None = None, **options: str) -> Analysis:
    with open_image(reference, access=Access(), limits=limits or Limits(), **options) as image:  # type: ignore[arg-type]
        return analyse(image)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.ZstdCompressor().compress, lzma.compress])
def test_bombs_stop_at_the_limit(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    bomb = compress(layer_tar([Operation("file", "zeros", bytes(20 << 20))]))
    assert len(bomb) < 100_000
    layout = write_files(tmp_path / "layout", oci_files([b"x"], lambda _: bomb, "+x"))
    with pytest.raises(ImageError, match="unpacks to more than 4194304 bytes") as caught:
        look(str(layout), Limits(layer_bytes=4 << 20))
    assert caught.value.where and caught.value.hint
    whole = tmp_path / "whole.tar.x"
    whole.write_bytes(bomb)
    with pytest.raises(ImageError, match="unpacks to more than"):
        look(f"docker-archive:{whole}", Limits(archive_bytes=4 << 20))


def test_floods_of_entries(tmp_path: Path) -> None:
    count = 60_000
    layer = tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT) * (count // 3) + bytes(1024)
    archive = write_docker_archive(tmp_path / "i.tar", [layer] * 3)
    found = look(str(archive))
    assert sum(len(scan.entries) for scan in found.scans) == count
    assert len(list(found.tree.walk())) == 1
    with pytest.raises(ImageError, match="more than 1000 entries"):
        look(str(archive), Limits(entries=1000))


def test_deep_paths(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 20_000)
    layer = layer_tar([Operation("file", deep, b"x"), Operation("whiteout", "d")])
    found = look(
        str(write_docker_archive(tmp_path / "i.tar", [layer, layer_tar([Operation("whiteout", "d")])]))
    )
    assert not list(found.tree.walk()) and found.tree.hidden[0].path == deep


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "a/../../x", "..", "/../x"])
def test_names_that_climb_out(tmp_path: Path, name: str) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        tar.addfile(tarfile.TarInfo(name))
    archive = str(write_docker_archive(tmp_path / "i.tar", [target.getvalue()]))
    if name.startswith("/"):
        assert [node.path for node in look(archive).tree.walk()] == [
            "x"
        ]  # as the engines: / is the root's parent
        return
    with pytest.raises(ImageError, match="leads out of the root"):
        look(archive)


def test_links_in_circles(tmp_path: Path) -> None:
    layer = layer_tar(
        [
            Operation("symlink", "a", link="b"),
            Operation("symlink", "b", link="a"),
            Operation("symlink", "self", link="self/self"),
            Operation("symlink", "out", link="../../../../etc"),
        ]
    )
    tree = look(str(write_docker_archive(tmp_path / "i.tar", [layer]))).tree
    assert (
        tree.resolve("a/x") is None and tree.resolve("self/x") is None and tree.resolve("out/passwd") is None
    )


def test_hostile_archives(tmp_path: Path) -> None:
    """Members that are links in circles or lead to files of this machine."""
    secret = tmp_path / "secret"
    secret.write_text("{}")

    def archive(link: str, kind: bytes) -> str:
        with tarfile.open(tmp_path / "i.tar", "w") as tar:
            for name, target in (("manifest.json", link), ("other", "manifest.json")):
                info = tarfile.TarInfo(name)
                info.type, info.linkname = kind, target
                tar.addfile(info)
        return f"docker-archive:{tmp_path / 'i.tar'}"

    for link in ("other", "manifest.json", str(secret), "../secret"):
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            with pytest.raises(ImageError) as caught:
                look(archive(link, kind))
            assert caught.value.where


def test_layouts_with_links_outside(tmp_path: Path) -> None:
    """A blob that is a link is read, but only content with the right digest counts."""
    files = oci_files([layer_tar([Operation("file", "a", b"1")])])
    layout = write_files(tmp_path / "layout", files)
    layer = next(path for path in (layout / "blobs/sha256").iterdir() if path.read_bytes()[:2] == b"\x1f\x8b")
    layer.unlink()
    layer.symlink_to("/etc/passwd")
    with pytest.raises(ImageError, match="tar header"):
        look(str(layout))
    layer.unlink()
    os.mkfifo(layer)
    with pytest.raises(ImageError, match="not a regular file"):
        look(str(layout))


def index_of(child: dict[str, Any]) -> tuple[dict[str, bytes], dict[str, Any]]:
    raw = json.dumps(
        {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [child]}
    ).encode()
    entry = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(raw), "size": len(raw)}
    return {"blobs/sha256/" + digest(raw)[7:]: raw}, entry


def test_indexes_within_indexes(tmp_path: Path) -> None:
    files = oci_files([layer_tar([Operation("file", "a", b"1")])])
    entry = json.loads(files["index.json"])["manifests"][0]
    for depth in range(6):
        files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
        layout = write_files(tmp_path / str(depth), files)
        if depth <= 3:
            assert len(look(str(layout)).scans) == 1
        else:
            with pytest.raises(ImageError, match="without an end"):
                look(str(layout))
        more, entry = index_of(entry)
        files |= more


def test_another_platform_than_asked_for(tmp_path: Path) -> None:
    archive = write_docker_archive(tmp_path / "i.tar", [layer_tar([])])
    assert look(str(archive), platform="linux/amd64").image.config.platform.architecture == "amd64"
    with pytest.raises(ImageError, match="is for linux/amd64, not for linux/arm64"):
        look(str(archive), platform="linux/arm64")


@pytest.mark.parametrize(
    "manifest",
    [
        b"[]",
        b"{}",
        b"null",
        b'[{"Config": null}]',
        b'[{"Config": "../../etc/passwd", "Layers": []}]',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
def test_broken_manifests_of_archives(tmp_path: Path, manifest: bytes) -> None:
    with pytest.raises(ImageError) as caught:
        look(str(write_tar(tmp_path / "i.tar", {"manifest.json": manifest})))
    assert caught.value.where
