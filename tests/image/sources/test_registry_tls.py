"""TLS with an authority that nobody else knows: by SSL_CERT_FILE, by certs.d, and not at all."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tare.core.errors import NetworkError, UsageError
from tare.image import analyse, open_image
from tare.image.access import Access, access_from_environment
from tests.support.random_image import Operation, layer_tar, oci_files, write_files
from tests.support.registries import Authority, FakeRegistry, docker_registry, new_authority, serving

FILES = oci_files([layer_tar([Operation("file", "a", b"1")])])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def host(authority: Authority) -> Iterator[str]:
    with serving(FakeRegistry(FILES), authority) as host:
        yield host


def names(host: str, access: Access) -> list[str]:
    with open_image(f"docker://{host}/app", access=access) as image:
        return [node.path for node in analyse(image).tree.walk()]


def test_an_unknown_authority_is_an_error_that_says_what_to_do(host: str) -> None:
    with pytest.raises(NetworkError, match="certificate verify failed") as caught:
        names(host, Access())
    assert caught.value.hint and f"/etc/docker/certs.d/{host}/ca.crt" in caught.value.hint
    assert "SSL_CERT_FILE" in caught.value.hint


def test_authorities_of_the_environment(host: str, authority: Authority, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "SSL_CERT_FILE": str(authority.certificate)}
    assert names(host, access_from_environment(environ)) == ["a"]
    folder = tmp_path / "hashed"
    folder.mkdir()
    shutil.copy(authority.certificate, folder / "ours.pem")
    subprocess.run(["openssl", "rehash", str(folder)], check=True, capture_output=True)
    assert names(host, access_from_environment({"HOME": str(tmp_path), "SSL_CERT_DIR": str(folder)})) == ["a"]


def test_authorities_of_certs_d(host: str, authority: Authority, tmp_path: Path) -> None:
    place = tmp_path / "certs.d" / host
    place.mkdir(parents=True)
    shutil.copy(authority.certificate, place / "ca.crt")
    assert names(host, Access(certificate_folders=(tmp_path / "certs.d",))) == ["a"]
    other = tmp_path / "other.d" / "elsewhere.example"
    other.mkdir(parents=True)
    shutil.copy(authority.certificate, other / "ca.crt")
    with pytest.raises(NetworkError, match="certificate verify failed"):
        names(host, Access(certificate_folders=(tmp_path / "other.d",)))


def test_insecure_asks_for_no_authority(host: str) -> None:
    assert names(host, Access(insecure=True)) == ["a"]


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_broken_authorities(host: str, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.crt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match="no certificates") as caught:
        names(host, Access(authorities=(path,)))
    assert caught.value.where == str(path) and caught.value.hint


def test_client_certificates_need_their_key(host: str, authority: Authority, tmp_path: Path) -> None:
    place = tmp_path / host
    place.mkdir()
    shutil.copy(authority.certificate, place / "ca.crt")
    shutil.copy(authority.server, place / "client.cert")
    with pytest.raises(UsageError, match="no client certificate") as caught:
        names(host, Access(certificate_folders=(tmp_path,)))
    assert caught.value.hint and "client.key" in caught.value.hint
    shutil.copy(authority.key, place / "client.key")
    assert names(host, Access(certificate_folders=(tmp_path,))) == ["a"]


def test_the_process_environment_is_read_in_one_place(
    host: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with open_image(f"docker://{host}/app") as image:
        assert len(image.layers) == 1
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(UsageError, match="no certificates"):
        open_image(f"docker://{host}/app")
    with pytest.raises(NetworkError, match="certificate verify failed"):
        open_image(f"docker://{host}/app", access=Access())


@pytest.mark.engine
def test_docker_registry_with_tls(tmp_path: Path, authority: Authority) -> None:
    layout = write_files(tmp_path / "layout", FILES)
    trusted = tmp_path / "trusted"
    trusted.mkdir()
    shutil.copy(authority.certificate, trusted / "ca.crt")
    with docker_registry(tmp_path, authority=authority) as host:
        subprocess.run(
            [
                *("skopeo", "copy", "-q", "--insecure-policy", "--dest-cert-dir", str(trusted)),
                *(f"oci:{layout}:latest", f"docker://{host}/app:latest"),
            ],
            check=True,
            capture_output=True,
            env={**os.environ, "no_proxy": "*"},
        )
        assert names(host, Access(authorities=(authority.certificate,))) == ["a"]
        with pytest.raises(NetworkError, match="certificate verify failed"):
            names(host, Access())
