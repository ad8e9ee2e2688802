"""Weaknesses of small images made in memory: each is found, and what is as it should be is not."""

import collections
import io
import json
import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare import api
from tare.report import render
from tare.schema.scan import Weakness
from tare.security.hardening.models import imports, is_dangerous
from tests.support.random_image import Operation, layer_tar, write_docker_archive

PASSWD = b"root:x:0:0::/root:/bin/sh\nadmin:x:0:0::/root:/bin/sh\napp:x:10001:10001::/app:/bin/sh\n"
HEALTHY = {"Healthcheck": {"Test": ["CMD", "true"]}, "User": "10001"}


def weak(
    tmp_path: Path, *operations: Operation, layers: Sequence[Sequence[Operation]] = (), **settings: object
) -> dict[str, Weakness]:
    base = [Operation("file", "etc/passwd", PASSWD), *operations]
    tars = [layer_tar(layer) for layer in (base, *layers)]
    path = write_docker_archive(tmp_path / "image.tar", tars, **{**HEALTHY, **settings})
    report = api.scan(f"docker-archive:{path}", database=Path("/nowhere"), checks=["hardening"], environ={})
    assert (
        json.loads(render(report, "json"))["hardening"] is not None
        and render(report, "text")
        and render(report, "markdown")
    )
    return {found.name: found for found in report.hardening}


def file(path: str, content: bytes = b"x", mode: int = 0o644) -> Operation:
    return Operation("file", path, content, mode=mode)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("", "root-user"), ("0", "root-user"), ("root", "root-user"), ("0:0", "root-user"), ("admin", "root-user"),
        ("app", "user-by-name"), ("nobody-here", "unknown-user"), ("10001", ""), ("10001:10001", ""), ("4711", ""),
    ],
)  # fmt: skip
def test_users(tmp_path: Path, user: str, expected: str) -> None:
    assert set(weak(tmp_path, User=user)) == ({expected} if expected else set())


def test_no_health_check(tmp_path: Path) -> None:
    assert set(weak(tmp_path, Healthcheck=None)) == {"no-health-check"}
    assert set(weak(tmp_path, Healthcheck={"Test": ["NONE"]})) == {"no-health-check"}


def test_set_uid(tmp_path: Path) -> None:
    status = b"Package: login\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n"
    package = [
        file("var/lib/dpkg/status", status),
        file("var/lib/dpkg/info/login.list", b"/usr/bin/su\n/usr/bin/bash2\n"),
    ]
    found = weak(
        tmp_path,
        *package,
        file("usr/bin/su", mode=0o4755),
        file("opt/helper", mode=0o4755),
        file("usr/bin/bash2", mode=0o2755),
    )
    assert (
        found["set-uid-of-distribution"].paths == ("/usr/bin/su",)
        and found["set-uid-of-distribution"].severity == "low"
    )
    assert found["set-uid-program"].cis == "4.8"
    own = weak(tmp_path, file("opt/helper", mode=0o4755))["set-uid-program"]
    assert own.severity == "high" and own.paths == ("/opt/helper",) and own.layer == 1


def test_a_set_uid_bit_that_a_later_layer_removes(tmp_path: Path) -> None:
    assert weak(tmp_path, file("opt/helper", mode=0o4755), layers=[[file("opt/helper")]]) == {}


def test_world_writable(tmp_path: Path) -> None:
    sticky = Operation("directory", "tmp", mode=0o1777)
    found = weak(tmp_path, sticky, Operation("directory", "data", mode=0o777), file("data/a", mode=0o666))
    assert found["world-writable"].count == 2 and "/tmp" not in found["world-writable"].paths


def test_site_packages_that_the_service_may_write(tmp_path: Path) -> None:
    site = Operation("directory", "usr/lib/python3.11/site-packages", mode=0o775)
    assert "writable-site-packages" in weak(tmp_path, site, User="4711:0")
    assert "writable-site-packages" not in weak(tmp_path, site, User="10001")
    assert "writable-site-packages" not in weak(tmp_path, site, User="")


def test_accounts(tmp_path: Path) -> None:
    found = weak(
        tmp_path,
        file("etc/shadow", b"root:*:1:::::\nempty::1:::::\nknown:$6$abc$def:1:::::\n"),
        file("etc/sudoers.d/app", b"# NOPASSWD in a comment\napp ALL=(ALL) NOPASSWD: ALL\n"),
        file("etc/sudoers", b"# app ALL=(ALL) NOPASSWD: ALL\n"),
    )
    assert set(found) == {"empty-password", "password-hash", "sudo-without-password"}
    assert found["sudo-without-password"].paths == ("/etc/sudoers.d/app",)


def test_programs(tmp_path: Path) -> None:
    found = weak(
        tmp_path,
        file("bin/sh"),
        file("usr/bin/apt-get"),
        file("usr/sbin/sshd"),
        file("usr/bin/gcc"),
        file("opt/data/sh"),
    )
    assert set(found) == {"shell-left", "package-manager-left", "login-server", "tools-left"}


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("true",)


class Sly:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1",)


def torch_archive(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("model/data.pkl", data)
        archive.writestr("model/data/0", b"\0" * 64)
    return target.getvalue()


@pytest.mark.parametrize("protocol", range(6))
def test_pickles(tmp_path: Path, protocol: int) -> None:
    evil, sly, plain = (
        pickle.dumps(value, protocol)
        for value in (Evil(), {"a": [Sly()]}, collections.OrderedDict(weights=1.0))
    )
    found = weak(
        tmp_path,
        file("m/evil.pkl", evil),
        file("m/sly.pt", torch_archive(sly)),
        file("m/plain.pkl", plain),
        file("m/values.pkl", pickle.dumps([1], protocol)),
        file("m/no.bin", b"\x7fELF"),
    )
    assert found["pickle-runs-code"].severity == "critical"
    assert found["pickled-model"].paths == ("/m/plain.pkl",)
    only = weak(tmp_path, file("m/sly.pt", torch_archive(sly)))
    assert "eval" in only["pickle-runs-code"].message


def test_pickles_of_packages_are_theirs(tmp_path: Path) -> None:
    site = "usr/lib/python3.11/site-packages"
    files = [
        file(f"{site}/a/d.pkl", pickle.dumps(collections.OrderedDict())),
        file(f"{site}/a-1.dist-info/METADATA", b"Name: a\nVersion: 1\n"),
        file(f"{site}/a-1.dist-info/RECORD", b"a/d.pkl,,\n"),
    ]
    assert weak(tmp_path, *files) == {}


@settings(max_examples=80)
@given(st.binary(max_size=200))
def test_any_bytes_are_no_trouble(raw: bytes) -> None:
    for data in (raw, pickle.dumps([raw, str(raw)]) + raw, pickle.dumps(Evil())[:-1] + raw):
        found = imports(data)
        assert found is None or all(isinstance(name, str) for name in found)
    assert any(is_dangerous(name) for name in imports(pickle.dumps(Evil()) + raw) or ())
