"""Stores that skopeo, buildah and podman made, read without them; and altered ones."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.core.errors import ImageError, UsageError
from tare.image import analyse, open_image
from tare.image.access import Access, StorePlace, access_from_environment
from tests.support.random_image import Operation, digest, layer_tar, oci_files, write_files

LAYERS = [
    [
        Operation("directory", "usr/lib", mode=0o755),
        Operation("file", "usr/lib/real", b"r" * 9000),
        Operation("symlink", "lib", link="/usr/lib", mode=0o777),
        Operation("file", "lib/through-link", b"t" * 700),
        Operation("hardlink", "again", link="usr/lib/real"),
        Operation("file", "ü name\n", b"odd"),
        Operation("file", "empty", b""),
    ],
    [Operation("whiteout", "empty"), Operation("opaque", "usr/lib"), Operation("file", "usr/lib/new", b"n")],
]
TARS = [layer_tar(layer) for layer in LAYERS]


def store(folder: Path, driver: str) -> Path:
    """A store that skopeo fills from a layout. The overlay driver leaves a mount behind, which is taken down."""
    layout = write_files(folder / "layout", oci_files(TARS))
    root = folder / "store"
    target = f"containers-storage:[{driver}@{root}+{folder / 'run'}]localhost/app:1"
    subprocess.run(
        ["skopeo", "copy", "-q", "--insecure-policy", f"oci:{layout}:latest", target],
        check=True,
        capture_output=True,
    )
    if (root / "overlay").is_mount():
        subprocess.run(["umount", str(root / "overlay")], check=True)
    return root


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of directories."""
    return store(tmp_path_factory.mktemp("filled"), "vfs")


@pytest.mark.engine
@pytest.mark.parametrize("driver", ["overlay", "vfs"])
def test_stores_of_both_drivers(tmp_path: Path, driver: str) -> None:
    root = store(tmp_path, driver)
    places = Access(stores=(StorePlace(root),))
    for reference in (
        "containers-storage:localhost/app:1",
        "containers-storage:app:1",
        f"containers-storage:[{driver}@{root}]app:1",
    ):
        with open_image(reference, access=places) as image:
            found = analyse(image)
            assert [layer.diff_id for layer in image.layers] == [digest(tar) for tar in TARS]
            blob = image.open_blob(image.layers[0])
            whole = blob.read()
            blob.seek(600)
            assert whole == TARS[0] and blob.read(500) == TARS[0][600:1100]
        assert found.tree.get("usr/lib/new") and not found.tree.get("usr/lib/real")
    listed = json.loads((root / f"{driver}-images/images.json").read_text())[0]
    for reference in (listed["id"], listed["id"][:12], f"app@{listed['digest']}"):
        with open_image(f"containers-storage:{reference}", access=places) as image:
            assert len(image.layers) == 2
    with open_image(
        "app:1", access=Access(stores=places.stores, docker_host=f"unix://{tmp_path}/none")
    ) as image:
        assert len(image.layers) == 2


@pytest.mark.engine
@settings(max_examples=60, deadline=None)
@given(jumps=st.lists(st.tuples(st.integers(0, len(TARS[0]) + 600), st.integers(1, 3000)), max_size=12))
def test_jumps_give_what_the_tar_holds(jumps: list[tuple[int, int]], filled: Path) -> None:
    with open_image("containers-storage:app:1", access=Access(stores=(StorePlace(filled),))) as image:
        blob = image.open_blob(image.layers[0])
        for at, count in jumps:
            blob.seek(at)
            assert blob.read(count) == TARS[0][at : at + count]


@pytest.mark.engine
def test_jumping_about_opens_no_file_but_the_one_that_is_read(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = os.open

    def count(path: str, *more: Any, **named: Any) -> int:
        if "dir_fd" in named:
            opened.append(path)
        return real(path, *more, **named)

    with open_image("containers-storage:app:1", access=Access(stores=(StorePlace(filled),))) as image:
        blob = image.open_blob(image.layers[0])
        blob.read()
        monkeypatch.setattr("tare.image.sources.tar_split.os.open", count)
        for _ in range(50):
            for content in (b"t" * 700, b"r" * 9000):
                blob.seek(TARS[0].index(content))
                assert blob.read(len(content)) == content
    assert len(opened) == 100


@pytest.mark.engine
def test_the_real_store_of_this_machine() -> None:
    access = access_from_environment(os.environ)
    with open_image("containers-storage:debian:bookworm-slim", access=access) as image:
        found = analyse(image)
    assert any(package.name == "dpkg" for package in found.packages)


@pytest.mark.engine
def test_altered_stores_are_told(tmp_path: Path) -> None:
    root = store(tmp_path, "vfs")
    access = Access(stores=(StorePlace(root),))
    layers = json.loads((root / "vfs-layers/layers.json").read_text())
    base = next(layer["id"] for layer in layers if not layer.get("parent"))
    real = root / "vfs/dir" / base / "usr/lib/real"

    def fails(match: str) -> None:
        with (
            pytest.raises(ImageError, match=match) as caught,
            open_image("containers-storage:app:1", access=access) as i,
        ):
            analyse(i)
        assert caught.value.where and caught.value.hint

    real.write_bytes(b"R" + b"r" * 8999)
    fails("wrong digest")
    real.write_bytes(b"short")
    fails("not the file that the layer had")
    real.unlink()
    os.mkfifo(real)
    fails("not the file that the layer had")
    real.unlink()
    real.symlink_to("/etc/passwd")
    fails("usr/lib/real")
    index = root / f"vfs-layers/{base}.tar-split.gz"
    index.write_bytes(index.read_bytes()[:-30])
    fails("tar-split|usr/lib/real")
    index.unlink()
    fails("tar-split")
    (root / "vfs-layers/layers.json").write_text("[]")
    fails("missing")
    shutil.rmtree(root / "vfs-layers")
    fails("layers.json")
    (root / "vfs-images/images.json").write_text("{")
    fails("broken JSON")


def test_no_store_and_no_image(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no store has app:1"):
        open_image("containers-storage:app:1", access=Access(stores=(StorePlace(tmp_path),)))
    with pytest.raises(UsageError, match="not a reference to a store"):
        open_image("containers-storage:[overlay@]x", access=Access())


def test_storage_conf(tmp_path: Path) -> None:
    conf = tmp_path / "storage.conf"
    conf.write_text(
        '[storage]\ndriver = "vfs"\ngraphroot = "/srv/$UID"\n[storage.options]\nadditionalimagestores = ["/more"]\n'
    )
    environ = {"CONTAINERS_STORAGE_CONF": str(conf), "HOME": str(tmp_path)}
    assert access_from_environment(environ, user=1000).stores == (
        StorePlace(Path("/srv/1000"), "vfs"),
        StorePlace(Path("/more")),
    )
    conf.write_text("[storage")
    with pytest.raises(UsageError, match="not TOML"):
        access_from_environment(environ)
