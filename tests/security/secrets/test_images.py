"""Known-bad images: whatever hides a secret from a container hides it from nobody who has the image."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tare import api
from tare.report import render
from tare.schema.scan import ScanReport, Secret
from tests.security.secrets.made import TOKENS, private_key, some
from tests.support.random_image import Operation, layer_tar, write_docker_archive, write_tar

KEY = private_key()


def image(tmp_path: Path, *layers: Sequence[Operation], **settings: object) -> str:
    return f"docker-archive:{write_docker_archive(tmp_path / 'image.tar', [layer_tar(layer) for layer in layers], **settings)}"


def scanned(reference: str, **options: object) -> ScanReport:
    return api.scan(reference, database=Path("/nowhere"), checks=["secrets"], environ={}, **options)  # type: ignore[arg-type]


def one(report: ScanReport) -> Secret:
    assert len(report.secrets) == 1, report.secrets
    return report.secrets[0]


def file(path: str, content: str | bytes) -> Operation:
    return Operation("file", path, content.encode() if isinstance(content, str) else content)


def test_a_rotated_key_that_a_later_layer_overwrites(tmp_path: Path) -> None:
    old, new = (private_key().replace("\n", "\n", 1), private_key("EC "))
    found = scanned(
        image(tmp_path, [file("etc/tls/server.key", old)], [file("etc/tls/server.key", new)])
    ).secrets
    assert [(secret.layer, secret.visible, secret.hidden_in, secret.hidden_by) for secret in found] == [
        (1, False, 2, "overwritten"), (2, True, None, ""),
    ]  # fmt: skip
    assert (
        "layer 2 hides it, and it is still in the image" in found[0].message
        and "build anew" in found[0].remedy
    )


def test_a_key_that_a_whiteout_deletes(tmp_path: Path) -> None:
    found = one(
        scanned(image(tmp_path, [file("root/.ssh/id_rsa", KEY)], [Operation("whiteout", "root/.ssh/id_rsa")]))
    )
    assert (found.name, found.severity, found.path, found.line) == (
        "private-key",
        "critical",
        "/root/.ssh/id_rsa",
        1,
    )
    assert not found.visible and found.hidden_in == 2 and found.hidden_by == "whiteout"


def test_a_file_in_an_opaque_directory(tmp_path: Path) -> None:
    layers = (
        [file("app/.env", "DB_PASSWORD=hunter2\n")],
        [Operation("opaque", "app"), file("app/main.py", "x = 1")],
    )
    found = one(scanned(image(tmp_path, *layers)))
    assert (
        found.path == "/app/.env"
        and found.variable == "DB_PASSWORD"
        and found.hidden_by == "opaque"
        and found.layer == 1
    )
    assert "DB_PASSWORD" in found.message


def test_a_directory_that_is_deleted_and_a_layer_that_brings_and_deletes(tmp_path: Path) -> None:
    layers = [file("srv/keys/a", TOKENS["github-token"])], [Operation("whiteout", "srv")]
    assert one(scanned(image(tmp_path, *layers))).hidden_by in (
        "directory-whiteout",
        "replaced-directory",
        "whiteout",
    )


def test_settings(tmp_path: Path) -> None:
    reference = image(
        tmp_path,
        [file("a", "")],
        Env=["PATH=/bin", "DB_PASSWORD=hunter2", f"HF={TOKENS['huggingface-token']}", "TOKEN_FILE=/run/secrets/t",
            "API_TOKEN=changeme"],
        Labels={"ci": TOKENS["gitlab-token"]},
        Entrypoint=["serve", "--token", some(20)],
        Cmd=["--key", TOKENS["openai-key"]],
        Healthcheck={"Test": ["CMD-SHELL", f"curl -H 'Authorization: Bearer {some(32)}' localhost"]},
        OnBuild=[f"RUN login {TOKENS['stripe-key']}"],
    )  # fmt: skip
    found = {(secret.place, secret.name) for secret in scanned(reference).secrets}
    assert found == {
        ("env", "secret-assignment"),
        ("env", "huggingface-token"),
        ("label", "gitlab-token"),
        ("entrypoint", "secret-assignment"),
        ("cmd", "openai-key"),
        ("healthcheck", "authorization-header"),
        ("configuration", "stripe-key"),
    }


def test_build_arguments_in_the_history(tmp_path: Path) -> None:
    archive = tmp_path / "image.tar"
    tars = [layer_tar([file("a", "x")])]
    write_docker_archive(archive, tars)
    raw = archive.read_bytes()
    # the history text of the tests' images is short; put a build argument in its place, and make the digests right again
    assert b"step 0" in raw
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["A_TOKEN=" + some(20)]},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tars[0]).hexdigest()]},
            "history": [
                {"created_by": "ENV A_TOKEN=" + some(20), "empty_layer": True},
                {"created_by": f"RUN |1 NPM_TOKEN={some(24)} /bin/sh -c npm ci # buildkit"},
            ],
        }
    ).encode()
    manifest = [{"Config": "c.json", "RepoTags": ["a:b"], "Layers": ["l.tar"]}]
    write_tar(archive, {"l.tar": tars[0], "c.json": config, "manifest.json": json.dumps(manifest).encode()})
    found = scanned(f"docker-archive:{archive}").secrets
    assert [(secret.place, secret.variable, secret.layer) for secret in found] == [
        ("env", "A_TOKEN", None),
        ("history", "NPM_TOKEN", 1),
    ]
    assert all(some(20) not in repr(secret) and some(24) not in repr(secret) for secret in found)


SITE = "usr/lib/python3.11/site-packages"


def record(path: str, content: bytes) -> str:
    return f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip('=')},{len(content)}\n"


@pytest.mark.parametrize(
    ("changed", "own", "found"),
    [(False, False, False), (True, False, True), (False, True, True)],
    ids=["as the package brought it", "modified", "installed from a directory"],
)
def test_files_that_their_package_proves(tmp_path: Path, changed: bool, own: bool, found: bool) -> None:
    content = f'TEST_KEY = "{TOKENS["github-token"]}"\n'.encode()
    files = [
        file(f"{SITE}/a/__init__.py", content + (b"x" if changed else b"")),
        file(f"{SITE}/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"),
        file(f"{SITE}/a-1.dist-info/RECORD", record("a/__init__.py", content) + "a-1.dist-info/RECORD,,\n"),
    ]
    if own:
        files.append(file(f"{SITE}/a-1.dist-info/direct_url.json", '{"url": "file:///src", "dir_info": {}}'))
    report = scanned(image(tmp_path, files))
    assert bool(report.secrets) is found
    assert report.secrets_read is not None and report.secrets_read.proven_files == (0 if found else 1)


def test_bytecode_of_a_proven_source(tmp_path: Path) -> None:
    content = f'TEST_KEY = "{TOKENS["huggingface-token"]}"\n'.encode()
    code = bytes(16) + b"\xda\x25" + TOKENS["huggingface-token"].encode() + b"N"
    files = [
        file(f"{SITE}/a/x.py", content),
        file(f"{SITE}/a/__pycache__/x.cpython-311.pyc", code),
        file(f"{SITE}/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"),
        file(f"{SITE}/a-1.dist-info/RECORD", record("a/x.py", content)),
    ]
    assert scanned(image(tmp_path, files)).secrets == ()
    assert one(scanned(image(tmp_path, [files[1]]))).line is None


def test_files_that_dpkg_proves(tmp_path: Path) -> None:
    content = TOKENS["github-token"].encode()
    sums = f"{hashlib.md5(content).hexdigest()}  usr/share/a/example\n"
    files = [file("usr/share/a/example", content), file("var/lib/dpkg/info/a.md5sums", sums)]
    assert scanned(image(tmp_path, files)).secrets == ()


def test_a_project(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        f"FROM a\n# old: {TOKENS['github-token']}\nARG DB_PASSWORD=hunter2\nCOPY . .\n"
    )
    (tmp_path / ".env").write_text("API_SECRET=a8Fk2-nq7\n")
    (tmp_path / "ignored.txt").write_text(TOKENS["stripe-key"])
    (tmp_path / ".dockerignore").write_text("ignored.txt\n")
    report = api.scan(str(tmp_path), database=Path("/nowhere"), environ={})
    found = [(secret.place, Path(secret.path).name, secret.line) for secret in report.secrets]
    assert sorted(found) == [
        ("context", ".env", 1),
        ("dockerfile", "Dockerfile", 2),
        ("dockerfile", "Dockerfile", 3),
    ]
    alone = api.scan(str(tmp_path / "Dockerfile"), database=Path("/nowhere"), environ={})
    assert [secret.line for secret in alone.secrets] == [2, 3]


def tare(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tare.cli.main", "scan", "-q", *words],
        env=dict(os.environ), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_command_line_and_a_baseline(tmp_path: Path) -> None:
    reference = image(
        tmp_path, [file("app/.env", "DB_PASSWORD=hunter2\n"), file("root/.netrc", TOKENS["netrc-password"])]
    )
    for format_ in ("text", "json", "markdown"):
        text = render(scanned(reference), format_)
        assert "hunter2" not in text and "DB_PASSWORD" in text
        assert TOKENS["netrc-password"][-12:] not in text
    known = tmp_path / "known.toml"
    done = tare(
        reference,
        "--only",
        "secrets",
        "--write-baseline",
        str(known),
        "--until",
        "2999-01-01",
        "--owner",
        "us",
    )
    assert (
        done.returncode == 0
        and "hunter2" not in known.read_text()
        and known.read_text().count("[[ignore]]") == 2
    )
    assert all(secret.ignored for secret in scanned(reference, policies=[known]).secrets)
    known.write_text(known.read_text().replace("2999-01-01", "2020-01-01"))
    done = tare(reference, "--only", "secrets", "--policy", str(known))
    assert done.returncode == 1 and "ended on 2020-01-01" in done.stdout
    more = image(
        tmp_path, [file("app/.env", "DB_PASSWORD=hunter3\n"), file("root/.netrc", TOKENS["netrc-password"])]
    )
    known.write_text(known.read_text().replace("2020-01-01", "2999-01-01"))
    done = tare(more, "--only", "secrets", "--policy", str(known))
    assert done.returncode == 1 and "1 high" in done.stdout, "a changed secret is a new one"


def test_bad_input(tmp_path: Path) -> None:
    done = tare(str(tmp_path / "nothing" / "Dockerfile"), "--only", "secrets")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    done = tare(str(tmp_path), "--only", "vulnerabilities")
    assert done.returncode == 2 and "build it and scan the image" in done.stderr
