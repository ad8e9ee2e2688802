"""Damage at any place: an image is read whole and as it was, or not at all; and always by one clear error."""

import gzip
import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

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

LAYERS = (
    [Operation("file", "etc/a", b"text\n" * 300), Operation("symlink", "l", link="etc/a")],
    [Operation("whiteout", "l"), Operation("file", "b", bytes(range(256)) * 8)],
)
TARS = [layer_tar(layer) for layer in LAYERS]


def shown(reference: str) -> list[tuple[object, ...]]:
    """All that an image says of its tree."""
    with open_image(reference, access=Access()) as image:
        found = analyse(image)
        return [(*node.inode.entry, node.layer) for node in found.tree.walk()]


def written(directory: Path, kind: str) -> Path:
    """One image in a file, of each kind."""
    if kind == "docker-archive":
        return write_docker_archive(directory / "image.tar", TARS)
    compress = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress, "plain": bytes}[kind]
    suffix = {"gzip": "+gzip", "zstd": "+zstd", "plain": ""}[kind]
    return write_tar(directory / "image.tar", oci_files(TARS, compress, suffix))


KINDS = st.sampled_from(["docker-archive", "gzip", "zstd", "plain"])


@settings(max_examples=120, deadline=None)
@given(KINDS, st.floats(0, 1), st.integers(1, 255))
def test_a_changed_byte(kind: str, where: float, change: int) -> None:
    """What lies in no member (padding, times of the archive's own headers) may change; nothing else."""
    with TemporaryDirectory() as name:
        path = written(Path(name), kind)
        whole = shown(str(path))
        content = bytearray(path.read_bytes())
        content[int(where * (len(content) - 1))] ^= change
        path.write_bytes(content)
        try:
            assert shown(str(path)) == whole
        except ImageError as error:
            assert error.where and str(error)


@settings(max_examples=80, deadline=None)
@given(KINDS, st.floats(0, 1))
def test_a_file_that_ends_early(kind: str, where: float) -> None:
    with TemporaryDirectory() as name:
        path = written(Path(name), kind)
        whole = shown(str(path))
        content = path.read_bytes()
        end = len(content.rstrip(b"\0"))
        path.write_bytes(content[: int(where * (end - 1))])
        try:
            assert shown(str(path)) == whole  # only headers of the archive's own directories may be missing
        except ImageError as error:
            assert error.where and error.hint


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([gzip.compress, zstandard.ZstdCompressor().compress]),
    st.floats(0, 1),
    st.integers(1, 255),
)
def test_a_changed_byte_of_a_blob_is_always_an_error(compress: object, where: float, change: int) -> None:
    files = oci_files(TARS, compress, "+x")  # type: ignore[arg-type]
    name = max(files, key=lambda one: len(files[one]))
    content = bytearray(files[name])
    content[int(where * (len(content) - 1))] ^= change
    with TemporaryDirectory() as directory, pytest.raises(ImageError) as caught:
        shown(f"oci:{write_files(Path(directory), {**files, name: bytes(content)})}")
    assert caught.value.where and caught.value.hint


@pytest.mark.parametrize("what", ["config", "manifest", "layers"])
@pytest.mark.parametrize("packed", [False, True])
def test_missing_blobs(tmp_path: Path, what: str, packed: bool) -> None:
    files = oci_files(TARS)
    manifest_digest = json.loads(files["index.json"])["manifests"][0]["digest"]
    manifest = json.loads(files["blobs/" + manifest_digest.replace(":", "/")])
    gone = {
        "manifest": manifest_digest,
        "config": manifest["config"]["digest"],
        "layers": manifest["layers"][1]["digest"],
    }[what]
    del files["blobs/" + gone.replace(":", "/")]
    where = write_tar(tmp_path / "i.tar", files) if packed else write_files(tmp_path / "layout", files)
    with pytest.raises(ImageError) as caught:
        shown(f"{'oci-archive' if packed else 'oci'}:{where}")
    assert caught.value.where and caught.value.hint


def look(archive: Path, limits: Limits | None = None) -> Analysis:
    with open_image(f"docker-archive:{archive}", access=Access(), limits=limits or Limits()) as image:
        return analyse(image)


def test_hard_links_in_circles_and_to_nothing(tmp_path: Path) -> None:
    for operations in (
        [Operation("hardlink", "a", link="b"), Operation("hardlink", "b", link="a")],
        [Operation("hardlink", "a", link="a")],
        [Operation("hardlink", "a", link="../../etc/passwd")],
        [Operation("directory", "d", mode=0o755), Operation("hardlink", "a", link="d")],
    ):
        with pytest.raises(ImageError) as caught:
            look(write_docker_archive(tmp_path / "i.tar", [layer_tar(operations)]))
        assert str(caught.value)


def test_files_beneath_links_that_lead_out(tmp_path: Path) -> None:
    """As the engines: a link is followed within the root, so that nothing of this machine is meant."""
    layer = layer_tar(
        [Operation("symlink", "out", link="../../../../etc"), Operation("file", "out/passwd", b"x")]
    )
    tree = look(write_docker_archive(tmp_path / "i.tar", [layer])).tree
    assert {node.path for node in tree.walk()} == {"out", "etc", "etc/passwd"}


def test_parents_of_the_first_docker_format_in_a_circle(tmp_path: Path) -> None:
    members = {"repositories": json.dumps({"a": {"latest": "one"}}).encode()}
    for name, parent in (("one", "two"), ("two", "one")):
        members |= {
            f"{name}/json": json.dumps({"id": name, "parent": parent}).encode(),
            f"{name}/layer.tar": TARS[0],
        }
    with pytest.raises(ImageError, match="without an end") as caught:
        look(write_tar(tmp_path / "i.tar", members))
    assert caught.value.hint


@pytest.mark.parametrize("size", [-1, 1 << 63, 10**30, "12", None, 1.5])
def test_impossible_sizes_of_descriptors(tmp_path: Path, size: object) -> None:
    files = oci_files(TARS)
    index = json.loads(files["index.json"])
    name = "blobs/" + index["manifests"][0]["digest"].replace(":", "/")
    manifest = json.loads(files[name])
    manifest["layers"][0]["size"] = size
    raw = json.dumps(manifest).encode()
    index["manifests"][0] |= {"digest": digest(raw), "size": len(raw)}
    files |= {
        "index.json": json.dumps(index).encode(),
        f"blobs/sha256/{hashlib.sha256(raw).hexdigest()}": raw,
    }
    with pytest.raises(ImageError) as caught:
        shown(f"oci:{write_files(tmp_path, files)}")
    assert caught.value.where
