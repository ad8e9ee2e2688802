"""What slimming took away comes back: the same tree, whatever the layout; wrong pairs are refused."""

import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare import api
from tare.core.errors import ImageError, UsageError
from tare.image import analyse, open_image
from tare.image.compress import compression
from tare.slim.model import Level
from tare.slim.pipeline import Layout, SlimOptions
from tare.slim.restore import fingerprint
from tests.slim.images import BASE, SITE, archive, distribution
from tests.support.random_image import Operation, layer_tar, write_docker_archive

GZIP = compression("gzip", None)
FILES = {
    **BASE,
    f"{SITE}/pkg/__init__.py": b"",
    f"{SITE}/pkg/tests/test_a.py": b"1" * 100,
    **distribution("pkg", ["pkg/__init__.py", "pkg/tests/test_a.py"]),
    "usr/share/doc/x/README": b"read me",
    "var/cache/apt/x": b"1",
}


def slim(source: Path, folder: Path, layout: Layout = "keep", level: Level = Level.SAFE) -> tuple[str, str]:
    target, layer = f"oci:{folder}/slim:x", f"oci-archive:{folder}/layer.tar"
    options = SlimOptions(level=level, layout=layout, environ={"SOURCE_DATE_EPOCH": "0"})
    report = api.slim(
        f"docker-archive:{source}", target, options=options, compression=GZIP, builder="none", restore_layer=layer,
    )  # fmt: skip
    assert report.restore_layer == layer and report.restore_bytes
    return target, layer


def tree(reference: str) -> tuple[str, dict[str, object]]:
    with open_image(reference) as image:
        config = json.loads(image.source.config())
        config.pop("rootfs"), config.pop("history", None), config.pop("created", None)
        return fingerprint(analyse(image, sample=False)), config


@pytest.mark.parametrize("layout", ["keep", "squash", "by-package"])
def test_the_original_tree_and_configuration_come_back(tmp_path: Path, layout: Layout) -> None:
    source = archive(tmp_path, [FILES, {"app/late.py": b"2"}], Labels={"a": "b"})
    target, layer = slim(source, tmp_path, layout)
    assert tree(target)[0] != tree(f"docker-archive:{source}")[0]
    for place in (f"docker-archive:{tmp_path}/back.tar:n", f"oci:{tmp_path}/back"):
        report = api.restore(target, layer, place, compression=GZIP)
        assert tree(place) == tree(f"docker-archive:{source}") and report.layer_bytes > 100


def test_the_layer_holds_only_what_went(tmp_path: Path) -> None:
    target, _ = slim(archive(tmp_path, [FILES]), tmp_path)
    with open_image(f"oci-archive:{tmp_path}/layer.tar") as image:
        (layer,) = image.layers
        with tarfile.open(fileobj=image.open_blob(layer), mode="r:gz") as tar:
            names = {one.name for one in tar if not one.isdir()}
    info = f"{SITE}/pkg-1.0.dist-info"
    assert names == {
        f"{SITE}/pkg/tests/test_a.py", f"{info}/RECORD", f"{info}/.wh.tare-modified.json", "usr/share/.wh.tare",
        "usr/share/doc/x/README", "var/cache/apt/x",
    }  # fmt: skip
    assert target


def test_pairs_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    pairs = []
    for folder, more in ((one, {}), (two, {"usr/share/doc/y": b"1"})):
        folder.mkdir()
        pairs.append(slim(archive(folder, [{**FILES, **more}]), folder))
    out = f"oci:{tmp_path}/out"
    with pytest.raises(ImageError, match="belongs to another image"):
        api.restore(pairs[0][0], pairs[1][1], out, compression=GZIP)
    with pytest.raises(ImageError, match="no restore layer"):
        api.restore(pairs[0][0], pairs[1][0], out, compression=GZIP)
    with pytest.raises(UsageError, match="needs --output"):
        api.slim(
            f"docker-archive:{one}/image.tar", None, options=SlimOptions(), compression=GZIP, restore_layer=out,
        )  # fmt: skip
    with pytest.raises(UsageError, match="cannot be kept"):
        api.slim(
            f"docker-archive:{one}/image.tar", out, options=SlimOptions(), compression=GZIP,
            restore_layer="docker-archive:x.tar",
        )  # fmt: skip
    assert not (tmp_path / "out").exists()


NAMES = st.sampled_from(
    [
        "usr/share/doc/a",
        "usr/share/doc/b",
        "usr/share/man/c",
        "etc/d",
        "var/cache/apt/e",
        "usr/share/doc/f/g",
        "opt/h",
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_random_trees_with_links_come_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("restore")
    tars = []
    for _ in range(data.draw(st.integers(1, 3))):
        operations = []
        known: list[str] = []
        for name in data.draw(st.lists(NAMES, unique=True, max_size=6)):
            kind = data.draw(st.sampled_from(["file", "symlink", "hardlink" if known else "file"]))
            content = {"file": b"x" * data.draw(st.integers(0, 3)), "symlink": b"", "hardlink": b""}[kind]
            link = (
                data.draw(st.sampled_from(known))
                if kind == "hardlink"
                else "/etc/d"
                if kind == "symlink"
                else ""
            )
            operations.append(Operation(kind, name, content, link=link, mode=0o640))
            if kind == "file":
                known.append(name)
        tars.append(layer_tar([Operation("file", "bin/start", b"#!/bin/no\n", mode=0o755), *operations]))
    source = write_docker_archive(folder / "image.tar", tars, Cmd=["/bin/start"])
    target, layer = slim(source, folder, data.draw(st.sampled_from(["keep", "squash"])))
    api.restore(target, layer, f"oci:{folder}/back", compression=GZIP)
    assert tree(f"oci:{folder}/back") == tree(f"docker-archive:{source}")
