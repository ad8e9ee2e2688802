"""One path explained: origin, owner, versions, users by ELF, imports, links and packages, and what removing it frees."""

import io
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tare import api
from tare.core.errors import ImageError
from tare.report import render
from tare.schema.explain import ExplainReport
from tests.inspect.pictures import file, folder, gone
from tests.support.random_image import Operation, layer_tar, write_docker_archive

SITE = "usr/lib/python3.11/site-packages"
SHELL = Path("/bin/sh").resolve().read_bytes()
DPKG = b"""\
Package: libthing
Status: install ok installed
Version: 1
Provides: libthing-abi

Package: tool
Status: install ok installed
Version: 2
Depends: libc6 (>= 2), libother | libthing-abi (= 1)

Package: unrelated
Status: install ok installed
Version: 3
Depends: libthing-other
"""


def needed() -> str:
    section = ELFFile(io.BytesIO(SHELL)).get_section_by_name(".dynamic")
    return next(str(tag.needed) for tag in section.iter_tags() if tag.entry.d_tag == "DT_NEEDED")


def python_package(name: str, requires: str = "") -> list[Operation]:
    info = f"{SITE}/{name}-1.0.dist-info"
    lines = f"Requires-Dist: {requires}\n" if requires else ""
    return [
        file(f"{info}/METADATA", f"Name: {name}\nVersion: 1.0\n{lines}\n".encode()),
        file(f"{info}/RECORD", f"{name}/__init__.py,,\n{name}-1.0.dist-info/METADATA,,\n".encode()),
    ]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    library = needed()
    layers = [
        [
            file("usr/bin/sh", SHELL, 0o755),
            file(f"usr/lib/{library}.real", b"library" * 100, 0o755),
            Operation("symlink", f"usr/lib/{library}", link=f"{library}.real"),
            file("var/lib/dpkg/status", DPKG),
            file("var/lib/dpkg/info/libthing.list", b"/usr/lib/thing\n"),
            file("usr/lib/thing", b"t" * 700),
            Operation("hardlink", "usr/lib/thing-too", link="usr/lib/thing"),
            file("data/old", b"1" * 5000),
        ],
        [
            *python_package("one"),
            *python_package("two", "one>=1"),
            *python_package("three", "one; extra == 'all'"),
            file(f"{SITE}/one/__init__.py", b"VALUE = 1\n"),
            file(f"{SITE}/two/__init__.py", b"from one import VALUE\n"),
            file(f"{SITE}/three/__init__.py", b"def f():\n    import one\n"),
            file("app/main.py", b"import two\n"),
            file("data/old", b"2" * 3000),
        ],
        [folder("data"), gone("data/old")],
    ]
    path = tmp_path_factory.mktemp("explain") / "image.tar"
    write_docker_archive(path, [layer_tar(one) for one in layers], Cmd=["sh"], Env=["PATH=/usr/bin"])
    return f"docker-archive:{path}"


def explained(archive: str, path: str) -> ExplainReport:
    report = api.explain(archive, path)
    for format_ in ("text", "markdown", "json"):
        assert render(report, format_).endswith("\n")
    assert all(len(line) <= 80 for line in render(report, "text").splitlines())
    return report


def test_elf_files_that_need_it_by_a_link(archive: str) -> None:
    library = needed()
    report = explained(archive, f"/usr/lib/{library}.real")
    found = {(need.kind, need.name) for need in report.needs}
    assert ("elf", "usr/bin/sh") in found and ("link", f"usr/lib/{library}") in found


def test_the_start(archive: str) -> None:
    report = explained(archive, "/usr/bin/sh")
    assert ("start", "usr/bin/sh") in {(need.kind, need.name) for need in report.needs}
    assert report.origin is not None and (report.origin.layer, report.origin.instruction) == (1, "RUN step 0")


def test_imports_and_requirements(archive: str) -> None:
    report = explained(archive, f"{SITE}/one/__init__.py")
    assert report.package == "python:one 1.0"
    imports = {need.name: need.detail for need in report.needs if need.kind == "import"}
    assert imports == {
        f"{SITE}/two/__init__.py": "two imports one",
        f"{SITE}/three/__init__.py": "three imports one when a function runs",
    }
    assert [need.name for need in report.needs if need.kind == "package"] == ["python:two 1.0"]


def test_packages_by_a_provided_name(archive: str) -> None:
    report = explained(archive, "/usr/lib/thing")
    packages = [need for need in report.needs if need.kind == "package"]
    assert [need.name for need in packages] == ["dpkg:tool 2"]
    assert packages[0].detail == "Depends: libother | libthing-abi (= 1)"


def test_hard_links_keep_the_content(archive: str) -> None:
    report = explained(archive, "/usr/lib/thing")
    assert report.names == ("usr/lib/thing-too",)
    assert not report.removal.last_name and report.removal.visible.size_bytes == 0
    whole = explained(archive, "usr/lib")
    assert whole.removal.last_name and whole.removal.visible.size_bytes > 700


def test_what_is_no_longer_there(archive: str) -> None:
    report = explained(archive, "/data/old")
    assert not report.present and report.origin is None
    assert [(one.size_bytes, one.written.layer, one.hidden.layer, one.cause) for one in report.versions] == [
        (5000, 1, 2, "overwritten"),
        (3000, 2, 3, "whiteout"),
    ]
    assert report.removal.hidden_bytes == 8000


def test_directories_add_up(archive: str) -> None:
    report = explained(archive, "/")
    for kind in ("child", "package", "class", "layer"):
        total = sum(part.size_bytes for part in report.parts if part.kind == kind)
        assert total == report.removal.visible.size_bytes
    assert sum(one.size_bytes for one in report.versions) == 8000


def test_links_among_directories_are_followed(tmp_path: Path) -> None:
    layer = layer_tar([file("usr/lib/x", b"1"), Operation("symlink", "lib", link="usr/lib")])
    path = write_docker_archive(tmp_path / "image.tar", [layer])
    assert explained(f"docker-archive:{path}", "/lib/x").path == "usr/lib/x"


def test_what_never_was_there_is_an_error(archive: str) -> None:
    with pytest.raises(ImageError, match="no layer holds") as raised:
        api.explain(archive, "/usr/lib/nothing/at/all")
    assert raised.value.hint is not None and "/usr/lib has" in raised.value.hint


def test_names_cannot_break_out(tmp_path: Path) -> None:
    evil = "opt/\x1b[2Jx\n"
    path = write_docker_archive(tmp_path / "image.tar", [layer_tar([file(evil)])])
    for asked in (evil, "opt"):
        report = api.explain(f"docker-archive:{path}", asked)
        for format_ in ("text", "markdown"):
            assert "\x1b" not in render(report, format_)
