"""dpkg, Python, npm and conda: against the tools themselves where this machine has them."""

import importlib.metadata
import json
import re
import subprocess
import sys
from os.path import normpath
from pathlib import Path

import pytest

from tare.core.errors import ImageError
from tare.image import analyse, open_image
from tare.image.access import Access
from tare.image.catalog.conda import CondaCatalog
from tare.image.catalog.dpkg import DpkgCatalog
from tare.image.catalog.npm import NpmCatalog
from tare.image.catalog.package import Catalog
from tare.image.catalog.python import PythonCatalog
from tests.support.random_image import Operation, layer_tar, write_docker_archive


def matching(catalog: Catalog, root: Path, base: Path = Path("/")) -> dict[str, bytes]:
    """The files beneath a directory that a catalog wants, named from `base`."""
    found = {}
    for path in root.rglob("*"):
        name = str(path.relative_to(base))
        if re.fullmatch(catalog.pattern, name, re.DOTALL) and path.is_file():
            found[name] = path.read_bytes()
    return found


@pytest.mark.engine
def test_dpkg_says_the_same() -> None:
    files = matching(DpkgCatalog(), Path("/var/lib/dpkg"))
    form = "${db:Status-Abbrev}\t${Package}\t${Version}\t${Installed-Size}\n"
    lines = subprocess.run(
        ["dpkg-query", "-W", "-f", form], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    asked = sorted(tuple(line.split("\t")[1:]) for line in lines if line[1:2] in "iHUFWt")
    found = list(DpkgCatalog().read(files))
    assert sorted((one.name, one.version, str((one.declared_bytes or 0) // 1024)) for one in found) == asked
    listed = subprocess.run(["dpkg", "-L", "dpkg"], check=True, capture_output=True, text=True).stdout.split(
        "\n"
    )
    ours = next(one for one in found if one.name == "dpkg")
    assert list(ours.files) == [line.lstrip("/") for line in listed if line not in ("", "/.")]


def test_python_metadata_says_the_same() -> None:
    site = Path(next(path for path in sys.path if path.endswith("site-packages")))
    found = {one.name: one for one in PythonCatalog().read(matching(PythonCatalog(), site))}
    asked = {one.metadata["Name"]: one for one in importlib.metadata.distributions(path=[str(site)])}
    assert {name: one.version for name, one in found.items()} == {
        name: one.version for name, one in asked.items()
    }
    for name, distribution in asked.items():
        paths = [normpath(str(path.locate())).lstrip("/") for path in distribution.files or ()]
        ours = list(found[name].files)
        assert sorted(ours) == sorted(paths), name


def test_npm_packages_own_their_folders(tmp_path: Path) -> None:
    def manifest(name: str, version: str = "1.0.0") -> bytes:
        return json.dumps({"name": name, "version": version, "dependencies": {"x": "1"}}).encode()

    tree = {
        "app/package.json": manifest("app"),
        "app/node_modules/left/package.json": manifest("left"),
        "app/node_modules/left/index.js": b"l" * 10,
        "app/node_modules/left/node_modules/@scope/inner/package.json": b"\xef\xbb\xbf"
        + manifest("@scope/inner", "2"),
        "app/node_modules/left/node_modules/@scope/inner/lib/a.js": b"i" * 20,
        "app/node_modules/left/test/node_modules.txt": b"t",
        "app/node_modules/left/fixtures/package.json": manifest("fixture"),
        "app/node_modules/broken/package.json": b"{",
        "app/node_modules/.package-lock.json": b"{}",
    }
    tar = layer_tar([Operation("file", path, content) for path, content in tree.items()])
    archive = write_docker_archive(tmp_path / "i.tar", [tar])
    with open_image(str(archive), access=Access()) as image:
        found = {one.name: one for one in analyse(image).packages}
    assert {name: one.version for name, one in found.items()} == {"left": "1.0.0", "@scope/inner": "2"}
    left = "app/node_modules/left"
    assert found["left"].files == tuple(
        f"{left}/{name}"
        for name in ("fixtures/package.json", "index.js", "package.json", "test/node_modules.txt")
    )
    assert found["@scope/inner"].files == (
        f"{left}/node_modules/@scope/inner/lib/a.js",
        f"{left}/node_modules/@scope/inner/package.json",
    )
    assert NpmCatalog().manager == "npm"


def test_conda_records(tmp_path: Path) -> None:
    record = {
        "build": "h5eee18b_0",
        "channel": "https://repo.anaconda.com/pkgs/main/linux-64",
        "files": ["bin/xz", "lib/liblzma.so.5", "../outside"],
        "name": "xz",
        "size": 659000,
        "version": "5.4.5",
    }
    files = {
        "opt/conda/conda-meta/xz-5.4.5-h5eee18b_0.json": json.dumps(record).encode(),
        "opt/conda/conda-meta/history": b"",
    }
    (found,) = CondaCatalog().read(files)
    assert (found.name, found.version) == ("xz", "5.4.5")
    assert found.files[:2] == ("opt/conda/bin/xz", "opt/conda/lib/liblzma.so.5")
    files["opt/conda/conda-meta/bad.json"] = b'{"files": 3}'
    with pytest.raises(ImageError, match="broken package record"):
        list(CondaCatalog().read(files))


def test_a_broken_database_is_a_problem_of_the_analysis(tmp_path: Path) -> None:
    tar = layer_tar([Operation("file", "var/lib/rpm/Packages.db", b"nonsense" * 100)])
    with open_image(str(write_docker_archive(tmp_path / "i.tar", [tar])), access=Access()) as image:
        found = analyse(image)
    assert [problem.where for problem in found.problems] == ["var/lib/rpm/Packages.db"] and not found.packages
