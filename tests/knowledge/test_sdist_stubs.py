import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from packaging.utils import parse_wheel_filename

from tare.knowledge.sdist_stubs import sdist_requirements, write_stub
from tests.support.package_index import make_sdist


def test_a_stub_is_a_valid_wheel_with_the_stated_dependencies(tmp_path: Path) -> None:
    path = write_stub(tmp_path, "some-package", "1.0+local", ["numpy>=1"])
    name, version, _, _ = parse_wheel_filename(path.name)
    assert (name, str(version)) == ("some-package", "1.0+local")
    with zipfile.ZipFile(path) as archive:
        metadata = Metadata.from_email(archive.read("some_package-1.0+local.dist-info/METADATA"))
    assert [str(requirement) for requirement in metadata.requires_dist or []] == ["numpy>=1"]


@pytest.mark.parametrize("egg", [True, False])
def test_dependencies_of_an_sdist_are_read_without_running_it(egg: bool) -> None:
    _, body = make_sdist("source", "1.0", requires=["numpy>=1", "click"], egg=egg)
    assert sdist_requirements(body) == ("numpy>=1", "click")


def test_no_archive_is_an_error() -> None:
    with pytest.raises(ValueError):
        sdist_requirements(b"not a tar file")
