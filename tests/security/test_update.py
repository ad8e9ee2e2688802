"""`tare db update` against a server on the loopback interface, `db export`, KEV and EPSS, and `--offline` under strace."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tare import api
from tare.core.errors import AdvisoryError, NetworkError, UsageError
from tare.security.advisories import AdvisoryDatabase, import_documents
from tare.security.feed import Feed
from tests.support.osv_server import OsvServer, serve
from tests.support.random_image import Operation, layer_tar, write_docker_archive


def advisory(name: str, package: str = "a", day: int = 1, **fields: Any) -> dict[str, Any]:
    affected = {"package": {"name": package, "ecosystem": "PyPI"}, "versions": ["1.0"]}
    return {"id": name, "modified": f"2026-01-{day:02}T00:00:00Z", "affected": [affected], **fields}


def documents(count: int = 40) -> list[dict[str, Any]]:
    return [advisory(f"PYSEC-2026-{number}", details="x" * 300) for number in range(count)]


def paths(server: OsvServer) -> list[str]:
    return [path for path, _ in server.asked]


def test_everything_then_what_changed(tmp_path: Path) -> None:
    target = tmp_path / "db.sqlite"
    known = documents()
    with serve({"PyPI": known}) as server:
        first = api.database_update(target, ["PyPI"], url=server.url)
        assert first.added == first.advisories == 40 and paths(server) == [
            "/PyPI/modified_id.csv",
            "/PyPI/all.zip",
        ]
        server.asked.clear()
        again = api.database_update(target, url=server.url)
        assert again.added == again.replaced == 0 and paths(server) == ["/PyPI/modified_id.csv"]
        known.append(advisory("PYSEC-2026-99", day=3))
        known[0] = advisory("PYSEC-2026-0", day=4, withdrawn="2026-01-04T00:00:00Z")
        server.asked.clear()
        later = api.database_update(target, url=server.url)
    assert (later.added, later.replaced, later.advisories, later.withdrawn) == (1, 1, 41, 1)
    assert sorted(paths(server)) == [
        "/PyPI/PYSEC-2026-0.json",
        "/PyPI/PYSEC-2026-99.json",
        "/PyPI/modified_id.csv",
    ]
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_broken_download_goes_on(tmp_path: Path) -> None:
    with serve({"PyPI": documents()}) as server, httpx.Client() as client:
        whole = server.file("/PyPI/all.zip")
        server.break_after = [5000, 3000]
        part = Feed(server.url, client, tmp_path, pause=lambda _: None).archive("PyPI")
    assert part.read_bytes() == whole
    assert [wanted for _, wanted in server.asked] == ["", "bytes=5000-", "bytes=8000-"]


def test_a_download_that_another_process_broke_goes_on_and_a_changed_file_begins_anew(tmp_path: Path) -> None:
    known = documents()
    with serve({"PyPI": known}) as server, httpx.Client() as client:
        feed = Feed(server.url, client, tmp_path, pause=lambda _: None)
        server.break_after = [5000] + [0] * 3
        with pytest.raises(NetworkError):
            feed.archive("PyPI")
        known.append(advisory("PYSEC-2026-99"))
        part = feed.archive("PyPI")
        assert part.read_bytes() == server.file("/PyPI/all.zip")


def test_faults_leave_the_database_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "db.sqlite"
    with serve({"PyPI": documents()}) as server:
        with pytest.raises(NetworkError, match="404"):
            api.database_update(target, ["Nowhere"], url=server.url)
        assert not target.exists()
        api.database_update(target, ["PyPI"], url=server.url)
        before = target.read_bytes()
        server.broken_index = True
        with pytest.raises(AdvisoryError, match="no index"):
            api.database_update(target, url=server.url)
        assert target.read_bytes() == before
    with pytest.raises(UsageError):
        api.database_update(target, url="file:///etc")


def test_a_document_that_cannot_be_read_is_asked_for_again(tmp_path: Path) -> None:
    target = tmp_path / "db.sqlite"
    known = documents(3)
    with serve({"PyPI": known}) as server:
        api.database_update(target, ["PyPI"], url=server.url)
        known.append({"id": "PYSEC-2026-7", "modified": "2026-01-09T00:00:00Z", "affected": 5})
        assert len(api.database_update(target, url=server.url).unreadable) == 1
        known[-1] = advisory("PYSEC-2026-7", day=9)
        assert api.database_update(target, url=server.url).added == 1


def test_export_and_import_give_the_same_database(tmp_path: Path) -> None:
    one, other, archive, again = (
        tmp_path / name for name in ("a.sqlite", "b.sqlite", "all.zip", "again.zip")
    )
    entry = {"cveID": "CVE-2026-1", "dateAdded": "2026-01-01", "dueDate": "2026-02-01"}
    kev = {"catalogVersion": "1", "vulnerabilities": [{**entry, "knownRansomwareCampaignUse": "Known"}]}
    items = [(f"{item['id']}.json", json.dumps(item).encode()) for item in documents(5)]
    items += [
        ("kev.json", json.dumps(kev).encode()),
        ("epss.csv", b"#v\ncve,epss,percentile\nCVE-2026-1,0.5,0.9\n"),
    ]
    assert import_documents(one, items).threats == 2
    api.database_export(one, archive)
    api.database_import(other, (archive,))
    api.database_export(other, again)
    assert archive.read_bytes() == again.read_bytes()
    with AdvisoryDatabase(other) as database:
        threat = database.threat({"CVE-2026-1"})
        assert threat.epss == 0.5 and threat.exploited is not None and threat.exploited.ransomware
        assert database.threat({"CVE-2026-2"}).exploited is None


@pytest.mark.parametrize("raw", [b"cve,epss\nCVE-1,x\n", b"", b"cve,epss,percentile\nCVE-1,7,0\n", b"<html>"])
def test_broken_lists_are_named(tmp_path: Path, raw: bytes) -> None:
    items = [("a.json", json.dumps(advisory("A-1")).encode()), ("epss.csv", raw)]
    assert len(import_documents(tmp_path / "a.sqlite", items).unreadable) == 1


def test_epss_as_it_is_published(tmp_path: Path) -> None:
    target = tmp_path / "a.sqlite"
    import_documents(target, [("a.json", json.dumps(advisory("A-1")).encode())])
    (tmp_path / "epss.csv.gz").write_bytes(
        gzip.compress(b"#model\ncve,epss,percentile\nCVE-2026-1,0.1,0.2\n")
    )
    assert api.database_import(target, (tmp_path / "epss.csv.gz",)).predicted == 1


def test_a_database_from_the_future(tmp_path: Path) -> None:
    target = tmp_path / "a.sqlite"
    import_documents(
        target, [("a.json", json.dumps(advisory("A-1")).encode())], now=datetime(2999, 1, 1, tzinfo=UTC)
    )
    archive = write_docker_archive(tmp_path / "i.tar", [layer_tar([Operation("file", "a", b"")])])
    with pytest.raises(AdvisoryError, match="ahead"):
        api.scan(f"docker-archive:{archive}", database=target, environ={})


def test_offline_opens_no_socket(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    assert strace is not None, "strace belongs to the tests' machine (apt-get install strace)"
    target = tmp_path / "a.sqlite"
    import_documents(target, [("a.json", json.dumps(advisory("A-1")).encode())])
    archive = write_docker_archive(tmp_path / "i.tar", [layer_tar([Operation("file", "a", b"x")])])
    log = tmp_path / "strace.log"
    done = subprocess.run(
        [strace, "-f", "-e", "trace=network", "-o", str(log), sys.executable, "-m", "tare.cli.main", "scan", "-q", "--offline",
         str(archive), "--db", str(target), "--format", "json"],
        env=dict(os.environ), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode in (0, 1) and json.loads(done.stdout)["checks"] == [
        "vulnerabilities",
        "secrets",
        "hardening",
    ], done.stderr
    calls = [
        line
        for line in log.read_text().splitlines()
        if re.search(r"\b(?:socket|connect|bind|sendto)\(", line)
    ]
    assert calls == []


@pytest.mark.parametrize("reference", ["docker://python:3.11", "docker-daemon:python:3.11", "python:3.11"])
def test_offline_refuses_what_is_behind_a_socket(tmp_path: Path, reference: str) -> None:
    with pytest.raises(UsageError, match="socket"):
        api.scan(reference, database=tmp_path / "a", offline=True, environ={})
