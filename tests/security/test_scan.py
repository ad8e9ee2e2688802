"""Advisories, the database, matching and `tare scan`, on small images made in memory."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare import api
from tare.core.errors import AdvisoryError
from tare.image.catalog import Package
from tare.security.advisories import AdvisoryDatabase, import_documents
from tare.security.match import assess, match
from tare.security.osv import parse_advisory, read_documents
from tare.security.ownership import settle
from tare.security.severity import level, score
from tests.support.random_image import Operation, layer_tar, write_docker_archive

SITE = "usr/lib/python3/dist-packages"


def advisory(name: str, package: str, ecosystem: str = "PyPI", **fields: Any) -> dict[str, Any]:
    affected = {"package": {"name": package, "ecosystem": ecosystem}, **fields.pop("affected", {})}
    return {"id": name, "modified": "2026-01-01T00:00:00Z", "affected": [affected], **fields}


def events(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{kind: value} for kind, value in pairs]}]}


DOCUMENTS = [
    advisory(
        "PYSEC-1",
        "urllib3",
        aliases=["CVE-2020-1", "GHSA-1"],
        severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        affected=events(("introduced", "0"), ("fixed", "1.26.5")),
        summary="bad",
    ),
    advisory(
        "GHSA-1",
        "urllib3",
        aliases=["CVE-2020-1"],
        affected=events(("introduced", "1.0"), ("fixed", "1.26.5")),
    ),
    advisory("PYSEC-2", "urllib3", withdrawn="2026-02-01T00:00:00Z", affected=events(("introduced", "0"))),
    advisory("PYSEC-3", "Zope.Interface", affected={"versions": ["5.0"]}),
    advisory(
        "DSA-1", "openssl", "Debian:12", affected=events(("introduced", "0"), ("fixed", "3.0.11-1~deb12u2"))
    ),
    advisory("DSA-2", "openssl", "Debian:11", affected=events(("introduced", "0"), ("fixed", "9"))),
]
STATUS = """Package: libssl3
Status: install ok installed
Source: openssl
Version: {version}
Architecture: amd64

Package: python3-urllib3
Status: install ok installed
Source: python-urllib3
Version: 1.26.4-1
Architecture: all
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    folder = tmp_path / "osv"
    folder.mkdir()
    for document in DOCUMENTS:
        (folder / f"{document['id']}.json").write_text(json.dumps(document))
    target = tmp_path / "advisories.sqlite"
    import_documents(target, read_documents(folder))
    return target


def image(tmp_path: Path, version: str = "3.0.11-1~deb12u1", *, own: bool = True) -> str:
    info = f"{SITE}/urllib3-1.26.4.dist-info"
    files = {
        "etc/os-release": b'ID=debian\nVERSION_ID="12"\n',
        "var/lib/dpkg/status": STATUS.format(version=version).encode(),
        "var/lib/dpkg/info/python3-urllib3.list": f"/.\n/{info}\n/{info}/METADATA\n".encode(),
        f"{info}/METADATA": b"Name: urllib3\nVersion: 1.26.4\n",
    }
    second = {
        "opt/venv/lib/python3.11/site-packages/urllib3-1.26.4.dist-info/METADATA": b"Name: urllib3\nVersion: 1.26.4\n"
    }
    tars = [layer_tar([Operation("file", path, content) for path, content in files.items()])]
    if own:
        tars.append(layer_tar([Operation("file", path, content) for path, content in second.items()]))
    return f"docker-archive:{write_docker_archive(tmp_path / 'image.tar', tars)}"


def test_findings_have_owner_layer_and_fix(tmp_path: Path, database: Path) -> None:
    report = api.scan(image(tmp_path), database=database, environ={})
    found = {item.id: item for item in report.vulnerabilities}
    assert set(found) == {"PYSEC-1", "DSA-1"}
    assert found["PYSEC-1"].severity == "critical" and found["PYSEC-1"].score == 9.8
    assert found["PYSEC-1"].layer == 2 and found["PYSEC-1"].path.startswith("/opt/venv/")
    assert found["PYSEC-1"].fixed_in == ("1.26.5",) and "CVE-2020-1" in found["PYSEC-1"].aliases
    assert (
        found["DSA-1"].package == "libssl3"
        and found["DSA-1"].severity == "unknown"
        and found["DSA-1"].layer == 1
    )


def test_the_distributions_own_python_package_is_not_pypis(tmp_path: Path, database: Path) -> None:
    report = api.scan(image(tmp_path, own=False), database=database, environ={})
    assert [item.id for item in report.vulnerabilities] == ["DSA-1"]


def test_a_fixed_version_is_clean(tmp_path: Path, database: Path) -> None:
    report = api.scan(image(tmp_path, "3.0.11-1~deb12u2", own=False), database=database, environ={})
    assert report.vulnerabilities == () and report.assessed == 2


def test_what_cannot_be_compared_is_unknown(database: Path) -> None:
    odd = Package("python", "urllib3", "not a version", (), None, "x/METADATA")
    with AdvisoryDatabase(database) as advisories:
        hits = match(advisories, settle([odd], {}))
    assert {hit.answer for hit in hits} == {"unknown"} and all(hit.reason for hit in hits)


def test_names_are_compared_as_the_ecosystem_does(database: Path) -> None:
    package = Package("python", "zope-interface", "5.0", (), None, "x/METADATA")
    with AdvisoryDatabase(database) as advisories:
        assert [hit.advisory.id for hit in match(advisories, settle([package], {}))] == ["PYSEC-3"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.9", None),
        ("1.0", "affected"),
        ("1.5", None),
        ("2.0", "affected"),
        ("2.3", "affected"),
        ("2.4", None),
    ],
)
def test_ranges_as_osv_evaluates_them(version: str, expected: str | None) -> None:
    pairs = (("introduced", "2.0"), ("fixed", "1.5"), ("introduced", "1.0"), ("last_affected", "2.3"))
    found = parse_advisory(json.dumps(advisory("X", "p", affected=events(*pairs))).encode(), "x.json")
    hit = assess(found, settle([Package("python", "p", version, (), None, "m")], {})[0])
    assert (hit.answer if hit else None) == expected


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 6.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
        ("AV:N/AC:M/Au:N/C:N/I:P/A:N", 4.3),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
        ("nonsense", None),
    ],
)
def test_scores(vector: str, expected: float | None) -> None:
    assert score(vector) == expected


def test_no_score_is_no_level() -> None:
    assert level(None) == "unknown" and level(9.0) == "critical" and level(0.0) == "none"


def tare(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tare.cli.main", *words],
        env={**os.environ, "XDG_DATA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_line(tmp_path: Path, database: Path) -> None:
    reference = image(tmp_path)
    done = tare("scan", reference, "--db", str(database), home=tmp_path)
    assert done.returncode == 1 and "critical" in done.stdout and "fixed in 1.26.5" in done.stdout
    policy = tmp_path / "policy.toml"
    policy.write_text(
        '[[ignore]]\nid = "CVE-2020-1"\nreason = "not reachable"\nuntil = 2999-01-01\n'
        '[[ignore]]\nid = "DSA-1"\nreason = "mitigated"\n'
    )
    done = tare("scan", reference, "--db", str(database), "--policy", str(policy), home=tmp_path)
    assert done.returncode == 0, done.stdout
    policy.write_text('[[ignore]]\nid = "CVE-2020-1"\nreason = "x"\nuntil = 2020-01-01\n')
    done = tare("scan", reference, "--db", str(database), "--policy", str(policy), home=tmp_path)
    assert done.returncode == 1 and "ended on 2020-01-01" in done.stdout


def test_no_database_is_an_error(tmp_path: Path, database: Path) -> None:
    reference = image(tmp_path)
    done = tare("scan", reference, home=tmp_path / "nowhere")
    assert done.returncode == 2 and "tare db import" in done.stderr and "Traceback" not in done.stderr
    done = tare("scan", reference, "--db", str(database), "--max-db-age", "-1", home=tmp_path)
    assert done.returncode == 2 and "days old" in done.stderr
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    done = tare("scan", reference, "--db", str(broken), home=tmp_path)
    assert done.returncode == 2 and "broken" in done.stderr


def test_packages_without_advisories_do_not_pass(tmp_path: Path) -> None:
    target = tmp_path / "only-npm.sqlite"
    import_documents(target, [("a.json", json.dumps(advisory("N-1", "left-pad", "npm")).encode())])
    done = tare("scan", image(tmp_path), "--db", str(target), home=tmp_path)
    assert done.returncode == 1 and "not assessed: 2 packages of Debian:12" in done.stdout
    done = tare("scan", image(tmp_path), "--db", str(target), "--allow-unassessed", home=tmp_path)
    assert done.returncode == 0


def test_an_import_is_whole_or_not_at_all(tmp_path: Path, database: Path) -> None:
    before = database.read_bytes()
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("PYSEC-9.json", json.dumps(advisory("PYSEC-9", "a")))
        target.writestr("broken.json", "{")
        target.writestr("page.json", "<html>")
    done = tare("db", "import", str(archive), "--db", str(database), "--format", "json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (
        report["added"] == 1 and len(report["unreadable"]) == 2 and report["advisories"] == len(DOCUMENTS) + 1
    )
    archive.write_bytes(archive.read_bytes()[:-40])
    now = database.read_bytes()
    done = tare("db", "import", str(archive), "--db", str(database), home=tmp_path)
    assert done.returncode == 2 and database.read_bytes() == now != before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_later_document_replaces_an_earlier_one(tmp_path: Path) -> None:
    target = tmp_path / "a.sqlite"
    first = advisory("X-1", "a", summary="old")
    import_documents(target, [("x.json", json.dumps(first).encode())])
    newer = {**first, "modified": "2026-03-01T00:00:00Z", "summary": "new"}
    done = import_documents(
        target, [("x.json", json.dumps(newer).encode()), ("x.json", json.dumps(first).encode())]
    )
    assert (done.added, done.updated, done.unchanged) == (0, 1, 1)
    with AdvisoryDatabase(target) as database:
        assert [one.summary for one in database.about("PyPI", "A")] == ["new"]


def test_an_import_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(AdvisoryError):
        import_documents(tmp_path / "a.sqlite", [])
    assert list(tmp_path.iterdir()) == []


@given(st.binary(max_size=60), st.sampled_from(["a.json", "a.yaml"]))
def test_any_document_is_an_advisory_or_an_error(raw: bytes, name: str) -> None:
    try:
        parse_advisory(raw, name)
    except AdvisoryError as error:
        assert error.where == name
