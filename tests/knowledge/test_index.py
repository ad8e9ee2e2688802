from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from packaging.version import Version

from tare.core.errors import NetworkError
from tare.knowledge.index import ATTEMPTS, PackageIndex, best_file
from tare.knowledge.index_settings import IndexSettings
from tare.knowledge.targets import target_for
from tests.support.package_index import IndexServer, make_sdist, make_wheel, serve_index

TARGET = target_for("3.11")
BIG = {"native/core.so": bytes(range(256)) * 2000, "native/__init__.py": b"import os\n" * 10}


@pytest.fixture
def server() -> Iterator[IndexServer]:
    files = dict(
        [
            make_wheel("native", "1.0", "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", files=BIG),
            make_wheel("native", "1.0", "cp312-cp312-manylinux_2_17_x86_64"),
            make_sdist("native", "1.0"),
            make_wheel("both", "2.0", "cp311-cp311-manylinux2014_x86_64"),
            make_wheel("both", "2.0", "cp311-cp311-musllinux_1_1_x86_64"),
            make_wheel("plain", "3.0"),
            make_sdist("source", "4.0"),
            make_wheel("closed", "5.0", "cp311-cp311-manylinux2014_x86_64"),
        ]
    )
    with serve_index(files) as running:
        yield running


def _index(server: IndexServer) -> PackageIndex:
    return PackageIndex(IndexSettings(server.simple), httpx.Client(trust_env=False))


@pytest.mark.parametrize("json_api", [True, False])
@pytest.mark.parametrize("sizes", [True, False])
def test_sizes_are_those_of_the_real_wheel(server: IndexServer, json_api: bool, sizes: bool) -> None:
    server.json_api, server.sizes = json_api, sizes
    index = _index(server)
    file = best_file(index.files("Native"), Version("1.0"), TARGET)
    assert file is not None
    assert file.filename.startswith("native-1.0-cp311")
    assert index.compressed(file).value == len(server.files[file.filename])
    contents = index.contents(file)
    assert contents is not None
    assert contents.source_bytes == 100
    assert contents.files == 5
    assert index.uncompressed(file).value == contents.uncompressed_bytes > 512_000


def test_only_the_end_of_the_wheel_is_read(server: IndexServer) -> None:
    name, _ = make_wheel("native", "1.0", "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64")
    server.files[name] = b"\0" * 3_000_000 + server.files[name]
    index = _index(server)
    file = next(f for f in index.files("native") if f.filename == name)
    # Bytes before a zip shift its offsets, so this one is refused; what matters is how much was asked for.
    assert index.contents(file) is None
    ranges = [request for request in server.requests if "bytes=" in request]
    first, last = ranges[0].rpartition("=")[2].split("-")
    assert int(last) - int(first) < 70_000
    assert len(ranges) <= 2


def test_a_server_without_ranges_leaves_the_size_unknown(server: IndexServer) -> None:
    server.ranges = False
    index = _index(server)
    file = index.files("plain")[0]
    assert index.contents(file) is None
    assert index.uncompressed(file).basis == "unknown"
    assert index.compressed(file).basis == "measured"


def test_an_sdist_has_no_uncompressed_size(server: IndexServer) -> None:
    index = _index(server)
    file = best_file(index.files("source"), Version("4.0"), TARGET)
    assert file is not None
    assert file.kind == "sdist"
    assert index.uncompressed(file).basis == "unknown"


def test_a_package_that_no_index_has_is_empty(server: IndexServer) -> None:
    assert _index(server).files("nowhere") == ()


def test_pages_are_asked_for_once(server: IndexServer) -> None:
    index = _index(server)
    index.files("plain")
    index.files("Plain")
    assert len(server.requests) == 1


def test_why_not_alpine(server: IndexServer) -> None:
    packages = [
        ("native", "1.0"),
        ("both", "2.0"),
        ("plain", "3.0"),
        ("source", "4.0"),
        ("closed", "5.0"),
        ("plain", "9"),
    ]
    answers = {f"{a.name} {a.version}": a for a in _index(server).musl_availability(packages, TARGET)}
    assert {name: answer.available for name, answer in answers.items()} == {
        "native 1.0": False,
        "both 2.0": True,
        "plain 3.0": True,
        "source 4.0": False,
        "closed 5.0": False,
        "plain 9": None,
    }
    assert "compiled from source" in answers["native 1.0"].reason
    assert "no source distribution" in answers["closed 5.0"].reason


def test_a_passing_failure_is_asked_again(server: IndexServer) -> None:
    server.failures = [503, 502]
    assert _index(server).files("plain")
    assert len(server.requests) == 3


def test_a_lasting_failure_ends_with_a_clear_error(server: IndexServer) -> None:
    server.failures = [503] * 10
    with pytest.raises(NetworkError) as caught:
        _index(server).files("plain")
    assert "503" in caught.value.message
    assert caught.value.hint
    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_refusal_is_not_an_empty_page(server: IndexServer, status: int) -> None:
    server.failures = [status]
    with pytest.raises(NetworkError) as caught:
        _index(server).files("plain")
    assert str(status) in caught.value.message


def test_an_unreachable_index_hides_its_password() -> None:
    with serve_index({}) as gone:
        url = gone.simple
    settings = IndexSettings(url.replace("http://", "http://user:secret@"))
    with pytest.raises(NetworkError) as caught:
        PackageIndex(settings, httpx.Client(trust_env=False)).files("plain")
    assert "secret" not in f"{caught.value} {caught.value.hint} {caught.value.detail}"
    assert caught.value.where is not None
    assert "***@127.0.0.1" in caught.value.where


@pytest.mark.parametrize("url", ["ftp://a.example/simple", "http://[bad"])
def test_an_impossible_url_is_a_network_error(url: str) -> None:
    with pytest.raises((NetworkError, ValueError)):
        PackageIndex(IndexSettings(url), httpx.Client(trust_env=False)).files("plain")


def test_nonsense_json_is_an_error() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "application/vnd.pypi.simple.v1+json"}, text="{}")

    client = httpx.Client(transport=httpx.MockTransport(answer))
    with pytest.raises(NetworkError):
        PackageIndex(IndexSettings("https://index.example/simple"), client).files("plain")


def test_folders_file_urls_and_find_links(tmp_path: Path, server: IndexServer) -> None:
    files = tmp_path / "files"
    files.mkdir()
    name, body = make_wheel("plain", "3.1")
    (files / name).write_bytes(body)
    page = tmp_path / "simple" / "plain"
    page.mkdir(parents=True)
    (page / "index.html").write_text(f'<a href="../../files/{name}">{name}</a>')
    for settings in (
        IndexSettings(find_links=(str(files),), no_index=True),
        IndexSettings(find_links=(files.as_uri(),), no_index=True),
        IndexSettings(find_links=(str(page / "index.html"),), no_index=True),
        IndexSettings((tmp_path / "simple").as_uri()),
    ):
        index = PackageIndex(settings, httpx.Client(trust_env=False))
        (file,) = index.files("plain")
        assert index.compressed(file).value == len(body)
        contents = index.contents(file)
        assert contents is not None
        assert contents.files == 4
    both = IndexSettings(server.simple, ((tmp_path / "simple").as_uri(),))
    versions = {str(f.version) for f in PackageIndex(both, httpx.Client(trust_env=False)).files("plain")}
    assert versions == {"3.0", "3.1"}


@pytest.mark.network
def test_the_real_index_agrees_with_the_downloaded_wheel() -> None:
    index = PackageIndex(IndexSettings())
    file = best_file(index.files("click"), Version("8.1.7"), TARGET)
    assert file is not None
    body = index.download(file, 10_000_000)
    assert body is not None
    assert index.compressed(file).value == len(body)
    contents = index.contents(file)
    assert contents is not None
    assert contents.compressed_bytes < len(body) < contents.uncompressed_bytes
    (numpy,) = index.musl_availability([("numpy", "2.2.1")], TARGET)
    (lightgbm,) = index.musl_availability([("lightgbm", "4.5.0")], TARGET)
    assert numpy.available
    assert lightgbm.available is False
