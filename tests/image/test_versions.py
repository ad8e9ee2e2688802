import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tare.core.errors import ImageError, UsageError
from tare.image import analyse, open_image
from tare.image.versions import Version, Versions
from tests.support.random_image import Operation, layer_tar, oci_files, write_docker_archive, write_files

LAYERS = (
    [
        Operation("file", "srv/data/one", b"first\n" * 9),
        Operation("file", "srv/data/big", bytes(range(256)) * 9000),
        Operation("file", "srv/run", b"#!/bin/sh\n", mode=0o4755),
        Operation("hardlink", "srv/again", link="srv/run"),
        Operation("symlink", "srv/link", link="../../../../etc/passwd"),
        Operation("fifo", "srv/pipe"),
        Operation("file", "srv/n\udcffme", b"odd"),
    ],
    [Operation("file", "srv/data/one", b"second\n")],
)
Look = Callable[[str], Versions]


@pytest.fixture(params=["docker-archive", "oci"])
def versions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Versions]:
    tars = [layer_tar(layer) for layer in LAYERS]
    if request.param == "oci":
        reference = f"oci:{write_files(tmp_path / 'layout', oci_files(tars))}"
    else:
        reference = f"docker-archive:{write_docker_archive(tmp_path / 'image.tar', tars)}"
    with open_image(reference) as image:
        yield Versions(analyse(image))


def found(versions: Versions, path: str, layer: int = 1) -> Version:
    version = versions.find(path, layer)
    assert version is not None
    return version


def beneath(versions: Versions, top: str, *names: str) -> dict[str, Version]:
    return {name: found(versions, f"{top}/{name}" if name else top) for name in names}


def test_each_layer_shows_its_own_content(versions: Versions) -> None:
    assert versions.read(found(versions, "srv/data/one", 0)) == b"first\n" * 9
    assert versions.read(found(versions, "srv/data/one", 1)) == b"second\n"
    assert versions.read(found(versions, "srv/data/big"), limit=300) == (bytes(range(256)) * 2)[:300]
    assert versions.read(found(versions, "srv/again")) == b"#!/bin/sh\n"
    assert versions.find("srv/nothing", 1) is None


def test_extraction_of_a_directory(versions: Versions, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    names = ("data/one", "data/big", "run", "again", "link", "pipe", "n\udcffme")
    assert versions.extract(beneath(versions, "srv", *names), target) == (6, 1)
    assert (target / "data/one").read_bytes() == b"second\n"
    assert (target / "data/big").read_bytes() == bytes(range(256)) * 9000
    assert (target / "n\udcffme").read_bytes() == b"odd"
    assert os.readlink(target / "link") == "../../../../etc/passwd"
    assert (target / "run").samefile(target / "again")
    assert stat.S_IMODE((target / "run").stat().st_mode) == 0o755
    assert sorted(path.name for path in target.parent.iterdir()) == ["out"]


def test_extraction_of_one_file(versions: Versions, tmp_path: Path) -> None:
    assert versions.extract({"": found(versions, "srv/data/one", 0)}, tmp_path / "one") == (1, 0)
    assert (tmp_path / "one").read_bytes() == b"first\n" * 9


def test_what_is_there_is_never_written_over(versions: Versions, tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is there already"):
        versions.extract(beneath(versions, "srv", "run"), tmp_path / "out")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/../../b"])
def test_nothing_leaves_the_directory(versions: Versions, tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageError, match="leads out"):
        versions.extract({name: found(versions, "srv/run")}, tmp_path / "place" / "out")
    assert list((tmp_path / "place").iterdir()) == []


def test_nothing_is_written_through_a_link(versions: Versions, tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("mine")
    wanted = {"link": found(versions, "srv/link"), "link/x": found(versions, "srv/run")}
    with pytest.raises(UsageError):
        versions.extract(wanted, tmp_path / "place" / "out")
    assert list((tmp_path / "place").iterdir()) == [] and (tmp_path / "passwd").read_text() == "mine"
