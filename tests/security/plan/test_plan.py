"""Plans on images with real advisories: what a plan predicts is what a scan of the changed image finds."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tare import api
from tare.dockerfile import parse
from tare.report import render
from tare.schema.scan import ScanReport
from tare.security.advisories import import_documents
from tare.security.osv import read_documents
from tests.support.package_index import make_wheel, serve_index
from tests.support.random_image import Operation, layer_tar, write_docker_archive

ADVISORIES = Path(__file__).parent.parent / "data" / "pypa"
SITE = "usr/lib/python3.11/site-packages"
DEBIAN = {
    "id": "DSA-1", "modified": "2026-01-01T00:00:00Z",
    "affected": [{"package": {"name": "openssl", "ecosystem": "Debian:12"},
                  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.11-1~deb12u2"}]}]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("db") / "db.sqlite"
    documents = [*read_documents(ADVISORIES), ("dsa.json", json.dumps(DEBIAN).encode())]
    assert import_documents(path, documents).unreadable == ()
    return path


def image(
    path: Path,
    versions: Mapping[str, str],
    requires: Mapping[str, str] | None = None,
    openssl: str = "3.0.11-1~deb12u1",
) -> str:
    status = f"Package: libssl3\nStatus: install ok installed\nSource: openssl\nVersion: {openssl}\nArchitecture: amd64\n"
    files = [
        Operation("file", "etc/os-release", b'ID=debian\nVERSION_ID="12"\n'),
        Operation("file", "var/lib/dpkg/status", status.encode()),
    ]
    for name, version in versions.items():
        needs = (requires or {}).get(name, "")
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (
            f"Requires-Dist: {needs}\n" if needs else ""
        )
        files.append(Operation("file", f"{SITE}/{name}-{version}.dist-info/METADATA", text.encode()))
    return f"docker-archive:{write_docker_archive(path, [layer_tar(files)])}"


def scanned(reference: str, database: Path, **options: object) -> ScanReport:
    settings: dict[str, object] = {"offline": True, "plan": True, **options}
    return api.scan(reference, database=database, checks=["vulnerabilities"], environ={}, **settings)  # type: ignore[arg-type]


PROJECTS = [
    {"urllib3": "1.26.4"},
    {"urllib3": "1.24.1", "requests": "2.19.0"},
    {"Jinja2": "2.11.2"},
    {"Flask": "0.12", "Werkzeug": "0.15.2"},
    {"certifi": "2022.9.24"},
    {"idna": "3.4"},
    {"torch": "2.1.0"},
    {"torch": "1.12.0+cu116", "urllib3": "1.26.15"},
    {"requests": "2.30.0"},
    {"Werkzeug": "2.2.2", "Jinja2": "3.1.1", "Flask": "2.2.0"},
    {"urllib3": "2.0.4", "idna": "3.6", "certifi": "2023.5.7"},
    {"torch": "2.5.1", "Jinja2": "3.1.4"},
]


@pytest.mark.parametrize("versions", PROJECTS, ids=lambda versions: "-".join(versions))
def test_the_prediction_is_the_rescan(tmp_path: Path, database: Path, versions: dict[str, str]) -> None:
    before = scanned(image(tmp_path / "a.tar", versions), database)
    assert before.plan, "old versions have something to fix"
    changed = dict(versions)
    openssl = "3.0.11-1~deb12u1"
    for change in before.plan:
        assert change.check in ("consistent", "unchecked") and change.gone
        if change.kind == "pin":
            name = next(one for one in versions if one.lower() == change.packages[0].name)
            changed[name] = change.packages[0].after
        else:
            openssl = "3.0.11-1~deb12u2"
    after = scanned(image(tmp_path / "b.tar", changed, openssl=openssl), database)
    planned = {
        (package.name, name) for change in before.plan for package in change.packages for name in change.gone
    }
    there = {(one.package.lower(), one.id) for one in before.vulnerabilities}
    assert {(one.package.lower(), one.id) for one in after.vulnerabilities} == there - planned
    assert len(before.plan) == len({change.packages for change in before.plan})


def test_what_others_need_is_kept(tmp_path: Path, database: Path) -> None:
    needs = {"botocore": "urllib3 (<1.27,>=1.25.4)"}
    versions = {"urllib3": "1.26.4", "botocore": "1.30.0"}
    pin = next(
        one
        for one in scanned(image(tmp_path / "a.tar", versions, needs), database).plan or ()
        if one.kind == "pin"
    )
    assert pin.packages[0].after.startswith("1.26.") and pin.check == "consistent" and pin.left
    needs = {"botocore": "urllib3 ==1.26.4"}
    pin = next(
        one
        for one in scanned(image(tmp_path / "a.tar", versions, needs), database).plan or ()
        if one.kind == "pin"
    )
    assert pin.check == "refused" and pin.reason == "botocore 1.30.0 needs urllib3==1.26.4"


def test_the_index_is_asked(tmp_path: Path, database: Path) -> None:
    reference = image(tmp_path / "a.tar", {"idna": "3.4", "helper": "1.0"})
    new = next(one for one in scanned(reference, database).plan or () if one.kind == "pin").packages[0].after
    for wheels, status in (
        ([make_wheel("idna", new), make_wheel("helper", "1.0")], "resolved"),
        ([make_wheel("idna", new, requires=["helper>=2"]), make_wheel("helper", "1.0")], "refused"),
        ([make_wheel("helper", "1.0")], "refused"),
    ):
        with serve_index(dict(wheels)) as server:
            report = api.scan(
                reference,
                database=database,
                checks=["vulnerabilities"],
                plan=True,
                environ={"PIP_INDEX_URL": server.simple},
            )
        assert [one.check for one in report.plan or () if one.kind == "pin"] == [status]


def test_fix_writes_pins_and_upgrades(tmp_path: Path, database: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text(
        "# ours\nurllib3==1.26.4  # keep\nflask>=1\njinja2[i18n] >= 2 ; python_version > '3'\n"
    )
    (project / "Dockerfile").write_text(
        "FROM a AS b\nFROM a\nRUN pip install Jinja2==2.11.2 \\\n    idna==3.4 other==1\nUSER 1\n"
    )
    versions = {"urllib3": "1.26.4", "Jinja2": "2.11.2", "idna": "3.4", "certifi": "2022.9.24"}
    report = scanned(image(tmp_path / "a.tar", versions), database, fix=project)
    after = {one.packages[0].name: one.packages[0].after for one in report.plan or () if one.kind == "pin"}
    assert (project / "requirements.txt").read_text().splitlines()[:4] == [
        "# ours", f"urllib3=={after['urllib3']}  # keep", "flask>=1", f"jinja2[i18n]>={after['jinja2']} ; python_version > '3'",
    ]  # fmt: skip
    assert f"certifi>={after['certifi']}  # 2022.9.24 has " in (project / "requirements.txt").read_text()
    text = (project / "Dockerfile").read_text()
    assert f"RUN pip install Jinja2=={after['jinja2']} \\\n    idna=={after['idna']} other==1\n" in text
    assert (
        "FROM a\nRUN apt-get update && apt-get install" in text
        and "--only-upgrade libssl3" in text
        and parse(text).stages
    )
    assert len(report.changed_files) == 2 and all(one.diff for one in report.changed_files)
    for format_ in ("text", "json", "markdown"):
        assert "urllib3" in render(report, format_)


def test_hashes_are_not_touched(tmp_path: Path, database: Path) -> None:
    (tmp_path / "requirements.txt").write_text(f"idna==3.4 --hash=sha256:{'0' * 64}\n")
    before = (tmp_path / "requirements.txt").read_text()
    report = scanned(image(tmp_path / "a.tar", {"idna": "3.4"}, openssl="4"), database, fix=tmp_path)
    assert (tmp_path / "requirements.txt").read_text() == before
    assert [one.written for one in report.plan or ()] == [
        f"{tmp_path}/requirements.txt pins hashes: compile it again"
    ]


def test_the_command_line(tmp_path: Path, database: Path) -> None:
    reference = image(tmp_path / "a.tar", {"urllib3": "1.26.4"})
    done = subprocess.run(
        [sys.executable, "-m", "tare.cli.main", "scan", "-q", reference, "--db", str(database), "--offline", "--plan"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and "plan: 2 changes" in done.stdout and "urllib3 1.26.4 →" in done.stdout, (
        done.stderr
    )
