import shutil
import subprocess
from functools import lru_cache

import pytest

from tare.knowledge import debian
from tare.knowledge.base_tags import FULL_PACKAGES


def test_dev_packages_become_their_libraries() -> None:
    assert debian.runtime_packages("libpq-dev", "bookworm") == ("libpq5",)
    assert debian.runtime_packages("libgl1-mesa-dev", "bookworm") == ("libgl1",)
    assert debian.runtime_packages("libglib2.0-dev", "bookworm") == ("libglib2.0-0",)
    assert debian.runtime_packages("libglib2.0-dev", "trixie") == ("libglib2.0-0t64",)
    assert debian.runtime_packages("libssl-dev", "bullseye") == ("libssl1.1",)
    assert debian.runtime_packages("libtiff-dev", "bullseye") == ("libtiff5",)
    assert debian.runtime_packages("libeigen3-dev", "bookworm") == ()


def test_what_the_table_does_not_have_is_unknown_and_not_nothing() -> None:
    assert debian.runtime_packages("libnowhere-dev", "bookworm") is None
    assert debian.runtime_packages("libpq-dev", "noble") is None
    assert debian.runtime_packages("libpcre3-dev", "trixie") is None
    assert debian.soname_package("libnowhere.so.1", "bookworm") is None
    assert debian.soname_package("libssl.so.1.1", "trixie") is None
    assert debian.wheel_needs("a-package-nobody-knows", "bookworm") is None
    assert debian.wheel_needs("pdfkit", "trixie") is None
    assert debian.sdist_needs("a-package-nobody-knows") is None


def test_one_name_for_two_releases() -> None:
    assert debian.portable_packages("libpq-dev", ("trixie", "bookworm")) == ("libpq5",)
    assert debian.portable_packages("libglib2.0-dev", ("trixie", "bookworm")) == ("libglib2.0-0",)
    assert debian.portable_packages("libglib2.0-dev", ("trixie",)) == ("libglib2.0-0t64",)
    assert debian.portable_packages("libicu-dev", ("trixie", "bookworm")) is None
    assert debian.portable_packages("libpq-dev", ("trixie", "noble")) is None
    assert debian.portable_packages("libpq-dev", ()) is None


def test_names_of_other_releases() -> None:
    assert debian.for_release(("libgl1", "libglib2.0-0"), "trixie") == ("libgl1", "libglib2.0-0t64")
    assert debian.for_release(("libodbc2",), "bullseye") == ("libodbc1",)
    assert debian.for_release(("libpq5",), "jammy") is None


def test_libraries_by_soname() -> None:
    assert debian.soname_package("libpq.so.5", "bookworm") == "libpq5"
    assert debian.soname_package("libGL.so.1", "trixie") == "libgl1"
    assert debian.soname_package("libgomp.so.1", "bullseye") == "libgomp1"
    assert debian.soname_package("libssl.so.3", "bookworm") == "libssl3"
    assert debian.soname_package("libssl.so.3", "trixie") == "libssl3t64"


def test_every_library_of_a_dev_package_brings_a_soname() -> None:
    for release in debian.RELEASES:
        known = set(debian.SONAME_PACKAGES[release].values())
        libraries = {name for row in debian.DEV_RUNTIME[release].values() for name in row}
        assert len(libraries - known) <= 0.03 * len(libraries), sorted(libraries - known)


def test_what_wheels_and_sdists_need() -> None:
    assert set(debian.wheel_needs("opencv_python", "bookworm") or ()) >= {"libgl1", "libglib2.0-0"}
    assert debian.wheel_needs("Psycopg2", "bookworm") == ("libpq5",)
    assert debian.wheel_needs("opencv-python-headless", "bookworm") == ()
    assert debian.sdist_needs("psycopg2") == ("gcc", "libpq-dev")


def test_what_a_built_distribution_links_to() -> None:
    assert debian.built_needs("psycopg2", "trixie") == ("libpq5",)
    assert debian.built_needs("pycurl", "trixie") == ("libcurl4t64", "libssl3t64")
    assert debian.built_needs("numpy", "bookworm") == ("libopenblas0-pthread",)
    assert debian.built_needs("psycopg2", "noble") is None


def test_every_sdist_on_bookworm_has_runtime_names() -> None:
    unknown = [name for name in debian.SDIST_NEEDS if debian.built_needs(name, "bookworm") is None]
    assert unknown == []


def test_tools_by_purpose() -> None:
    assert debian.purpose("build-essential") == "build-tool"
    assert debian.purpose("libpq-dev") == "build-tool"
    assert debian.purpose("g++-12") == "build-tool"
    assert debian.purpose("python3.11-dev") == "build-tool"
    assert debian.purpose("gcc-12-base") is None
    assert debian.purpose("vim=2:9.0") == "editor"
    assert debian.purpose("git:amd64") == "vcs"
    assert debian.purpose("libgomp1") is None
    assert debian.purpose("ffmpeg") is None


def test_a_tool_stays_where_its_command_is_called() -> None:
    assert debian.droppable("curl")
    assert not debian.droppable("curl", {"curl"})
    assert not debian.droppable("procps", {"/bin/ps"})
    assert debian.droppable("git", {"curl"})
    assert not debian.droppable("libpq5")
    assert not debian.droppable("some-unknown-package")


@lru_cache(maxsize=1)
def _apt_names() -> frozenset[str] | None:
    """Every package name of bookworm's main, where this machine is bookworm and has its lists."""
    if shutil.which("apt-cache") is None:
        return None
    policy = subprocess.run(["apt-cache", "policy"], capture_output=True, text=True, check=False)
    if "n=bookworm" not in policy.stdout:
        return None
    names = subprocess.run(["apt-cache", "pkgnames"], capture_output=True, text=True, check=False)
    return frozenset(names.stdout.split())


@pytest.mark.network
def test_the_names_are_those_of_bookworm() -> None:
    names = _apt_names()
    if names is None:
        pytest.skip("no apt lists of bookworm here")
    dev = debian.DEV_RUNTIME["bookworm"]
    wanted = {*dev, *(name for row in dev.values() for name in row)}
    wanted |= set(debian.SONAME_PACKAGES["bookworm"].values()) - {"libc6"}
    for table in (debian.WHEEL_NEEDS, debian.SDIST_NEEDS):
        wanted |= {name for row in table.values() for name in row}
    wanted |= debian.BUILD_TOOLS | debian.EDITORS | debian.VCS | debian.DEBUG_TOOLS
    wanted |= debian.NETWORK_TOOLS | debian.DOCUMENTATION | set(debian.COMMANDS) | set(FULL_PACKAGES)
    virtual = {"libjpeg-dev", "libncurses5-dev", "libncursesw5-dev", "libxslt-dev"}
    assert sorted(wanted - names - virtual) == []


@pytest.mark.network
@pytest.mark.parametrize(
    "dev", ["libpq-dev", "libxml2-dev", "libgl1-mesa-dev", "libglib2.0-dev", "libjpeg-dev"]
)
def test_installing_the_dev_package_installs_its_runtime_packages(dev: str) -> None:
    if _apt_names() is None:
        pytest.skip("no apt lists of bookworm here")
    plan = subprocess.run(
        ["apt-get", "install", "-s", "-qq", "--reinstall", "--no-install-recommends", dev],
        capture_output=True,
        text=True,
        check=False,
    )
    if plan.returncode != 0:
        pytest.skip(f"apt has no plan for {dev}")
    brought = {line.split()[1] for line in plan.stdout.splitlines() if line.startswith("Inst ")}
    for name in debian.runtime_packages(dev, "bookworm") or ():
        status = subprocess.run(["dpkg", "-s", name], capture_output=True, check=False)
        assert name in brought or status.returncode == 0
