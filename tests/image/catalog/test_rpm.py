"""RPM databases that rpm itself made, in its three forms, against `rpm -qa` on the same files."""

import random
import shutil
import sqlite3
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tare.core.errors import ImageError
from tare.image.catalog.package import Package
from tare.image.catalog.rpm import RpmCatalog
from tare.image.catalog.rpm_databases import bdb_blobs, ndb_blobs, sqlite_blobs
from tare.image.catalog.rpm_header import package_of

SPEC = """
Name: {name}
Version: {version}
Release: 3%{{?dist}}
{epoch}
Summary: test
License: none
BuildArch: noarch
%description
test
%install
mkdir -p %{{buildroot}}/opt/{name}/deep %{{buildroot}}/var/log/{name}
for i in $(seq {count}); do echo $i > "%{{buildroot}}/opt/{name}/deep/file-$i"; done
echo x > "%{{buildroot}}/opt/{name}/with space"
ln -s deep %{{buildroot}}/opt/{name}/link
%files
%dir /opt/{name}
/opt/{name}/deep
"/opt/{name}/with space"
/opt/{name}/link
%ghost /var/log/{name}/later.log
"""
MANY = 700  # its header fills several pages


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    top = tmp_path_factory.mktemp("rpmbuild")
    for name, version, epoch, count in (("alpha", "1.0", "", 2), ("beta", "2.1~rc1", "Epoch: 4", MANY)):
        spec = top / f"{name}.spec"
        spec.write_text(SPEC.format(name=name, version=version, epoch=epoch, count=count))
        subprocess.run(
            [
                "rpmbuild",
                "-bb",
                "--quiet",
                "--define",
                f"_topdir {top}",
                "--define",
                "_build_id_links none",
                str(spec),
            ],
            check=True,
            capture_output=True,
        )
    return sorted(top.glob("RPMS/*/*.rpm"))


def made(packages: list[Path], backend: str, folder: Path) -> Path:
    subprocess.run(
        [
            "rpm",
            "--dbpath",
            str(folder),
            "--define",
            f"_db_backend {backend}",
            "-i",
            "--justdb",
            "--nodeps",
            "--noscripts",
        ]
        + [str(path) for path in packages],
        check=True,
        capture_output=True,
    )
    return folder


def asked(folder: Path, backend: str) -> list[tuple[str, str, int, str, list[str]]]:
    """What rpm says: name, version, size, source, files that are no directories and no ghosts."""
    form = "P\t%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{SIZE}\t%{SOURCERPM}\n"
    form += "[F\t%{FILENAMES}\t%{FILEMODES:octal}\t%{FILEFLAGS}\n]"
    command = ["rpm", "--dbpath", str(folder), "--define", f"_db_backend {backend}", "-qa", "--qf", form]
    found: list[tuple[str, str, int, str, list[str]]] = []
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        kind, *fields = line.split("\t")
        if kind == "P":
            found.append((fields[0], fields[1], int(fields[2]), fields[3], []))
        elif int(fields[1], 8) & 0o170000 != 0o040000 and not int(fields[2]) & 64:
            found[-1][4].append(fields[0][1:])
    return sorted(found)


def told(found: list[Package]) -> list[tuple[str, str, int, str, list[str]]]:
    return sorted(
        (one.name, one.version, one.declared_bytes or 0, one.source, list(one.files)) for one in found
    )


def read(path: str, content: bytes) -> list[Package]:
    return list(RpmCatalog().read({path: content}))


@pytest.mark.engine
def test_database_that_rpm_makes(packages: list[Path], tmp_path: Path) -> None:
    made(packages, "sqlite", tmp_path)
    files = {f"var/lib/rpm/{path.name}": path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    found = list(RpmCatalog().read(files))
    assert told(found) == asked(tmp_path, "sqlite")
    beta = next(one for one in found if one.name == "beta")
    assert len(beta.files) == MANY + 2 and beta.database == "var/lib/rpm/rpmdb.sqlite"


def ndb(blobs: list[bytes], free: int) -> bytes:
    """`Packages.db` as lib/backend/ndb/rpmpkg.c lays it out (Debian's rpm is built without this form)."""
    slots, body = [b"Slot" + b"\0" * 12] * free, b""
    for index, blob in enumerate(blobs, 1):
        blocks = (16 + len(blob) + 12 + 15) // 16
        slots.append(struct.pack("<4sIII", b"Slot", index, 256 + len(body) // 16, blocks))
        head = struct.pack("<4sIII", b"BlbS", index, 7, len(blob))
        tail = struct.pack("<I", 0) + struct.pack("<I4s", len(blob), b"BlbE")
        body += (head + blob).ljust(blocks * 16 - 12, b"\0") + tail
    slots += [b"Slot" + b"\0" * 12] * (254 - len(slots))
    return struct.pack("<4sIIII12x", b"RpmP", 0, 7, 1, len(blobs) + 1) + b"".join(slots) + body


@pytest.mark.engine
def test_ndb(packages: list[Path], tmp_path: Path) -> None:
    made(packages, "sqlite", tmp_path)
    blobs = list(sqlite_blobs((tmp_path / "rpmdb.sqlite").read_bytes(), _log(tmp_path)))
    database = ndb(blobs, 3)
    assert list(ndb_blobs(database)) == blobs
    assert told(read("usr/lib/sysimage/rpm/Packages.db", database)) == asked(tmp_path, "sqlite")
    with pytest.raises(ImageError):
        read("usr/lib/sysimage/rpm/Packages.db", database[:-200])


@pytest.mark.engine
@pytest.mark.parametrize("page_size", [512, 4096])
def test_berkeley_database(packages: list[Path], tmp_path: Path, page_size: int) -> None:
    """db_load writes the file, rpm's own reader of the old form and ours read it."""
    made(packages, "sqlite", tmp_path)
    blobs = list(sqlite_blobs((tmp_path / "rpmdb.sqlite").read_bytes(), _log(tmp_path)))
    (tmp_path / "rpmdb.sqlite").unlink()
    lines = ["VERSION=3", "format=bytevalue", "type=hash", f"db_pagesize={page_size}", "HEADER=END"]
    for key, value in [(0, struct.pack("<I", len(blobs))), *enumerate(blobs, 1)]:
        lines += [f" {struct.pack('<I', key).hex()}", f" {value.hex()}"]
    target = tmp_path / "Packages"
    subprocess.run(
        ["db5.3_load", str(target)],
        input="\n".join([*lines, "DATA=END", ""]),
        text=True,
        check=True,
        capture_output=True,
    )
    found = read("var/lib/rpm/Packages", target.read_bytes())
    assert sorted(bdb_blobs(target.read_bytes())) == sorted(blobs)
    assert told(found) == asked(tmp_path, "bdb_ro")


def _log(folder: Path) -> bytes:
    log = folder / "rpmdb.sqlite-wal"
    return log.read_bytes() if log.exists() else b""


@pytest.mark.engine
def test_write_ahead_log(packages: list[Path], tmp_path: Path) -> None:
    made(packages, "sqlite", tmp_path)
    database = tmp_path / "rpmdb.sqlite"
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("DELETE FROM Packages WHERE hnum = (SELECT min(hnum) FROM Packages)")
    connection.commit()
    copy = shutil.copytree(tmp_path, tmp_path / "copy", ignore=lambda folder, names: {"copy"} & set(names))
    connection.close()
    whole, log = (copy / "rpmdb.sqlite").read_bytes(), (copy / "rpmdb.sqlite-wal").read_bytes()
    assert len(list(sqlite_blobs(whole, log))) == 1
    assert len(list(sqlite_blobs(whole))) == 2


def test_what_is_no_database() -> None:
    for name in ("rpmdb.sqlite", "Packages.db", "Packages"):
        for content in (b"x", b"\0" * 10_000, b"SQLite format 3\0" + b"\1" * 5000, b"RpmP" + b"\xff" * 9000):
            with pytest.raises(ImageError, match="broken package database"):
                read(f"var/lib/rpm/{name}", content)


@pytest.mark.engine
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damage_is_an_error_or_changes_nothing_else(packages: list[Path], data: st.DataObject) -> None:
    blob = _HEADERS.get("blob") or _HEADERS.setdefault("blob", _header(packages))
    seed = data.draw(st.integers(0, 1 << 30))
    broken = bytearray(blob)
    chooser = random.Random(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        broken[chooser.randrange(min(400, len(broken)))] = chooser.randrange(256)
    for reader in (ndb_blobs, bdb_blobs, sqlite_blobs):
        with pytest.raises(ValueError):
            list(reader(bytes(broken)))
    with suppress(ValueError):
        package_of(bytes(broken[: data.draw(st.integers(0, len(broken)))]), "x")


_HEADERS: dict[str, bytes] = {}


def _header(packages: list[Path]) -> bytes:
    folder = packages[0].parent / "db"
    made(packages[:1], "sqlite", folder)
    return next(sqlite_blobs((folder / "rpmdb.sqlite").read_bytes(), _log(folder)))
