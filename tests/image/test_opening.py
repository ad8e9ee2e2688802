"""Every source gives the same image; damaged and hostile ones give one clear error."""

import gzip
import io
import json
import lzma
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tare.core.errors import EngineError, ImageError, NetworkError, TareError, UsageError
from tare.image import Limits, facts, open_image
from tare.image.access import Access
from tare.schema.image import ImageFacts
from tests.support.random_image import (
    Operation,
    config_json,
    digest,
    layer_tar,
    oci_files,
    write_docker_archive,
    write_files,
    write_tar,
)

LAYERS = [
    [Operation("file", "a/one", b"1" * 5000), Operation("file", "a/two", b"2" * 100)],
    [Operation("whiteout", "a/two"), Operation("file", "b", b"3" * 10)],
]
TARS = [layer_tar(layer) for layer in LAYERS]
SETTINGS = {
    "User": "1000",
    "Env": ["A=b"],
    "Cmd": ["serve"],
    "WorkingDir": "/srv",
    "ExposedPorts": {"8000/tcp": {}},
    "Healthcheck": {"Test": ["CMD", "true"]},
}


def read(reference: str, access: Access | None = None, **options: str) -> ImageFacts:
    with open_image(reference, access=access or Access(), **options) as image:  # type: ignore[arg-type]
        return facts(image)


def check(found: ImageFacts, health_check: bool = True) -> None:
    assert found.size_bytes.value == 5110
    assert found.hidden_bytes.value == 100
    assert [layer.size_bytes for layer in found.layers] == [5100, 10]
    assert [layer.diff_id for layer in found.layers] == [digest(tar) for tar in TARS]
    assert [layer.created_by for layer in found.layers] == ["RUN step 0", "RUN step 1"]
    assert (found.user, found.workdir, found.cmd) == ("1000", "/srv", ("serve",))
    assert (
        found.healthcheck is health_check and found.exposed_ports == ("8000/tcp",) and found.env == ("A=b",)
    )


def test_docker_archive(tmp_path: Path) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", TARS, **SETTINGS)
    for reference in (f"docker-archive:{archive}", str(archive), f"docker-archive:{archive}:test:latest"):
        found = read(reference)
        check(found)
        assert found.compressed_bytes.basis == "estimated"
        assert found.layers[0].compressed_bytes is None


def test_docker_archive_compressed_as_a_whole(tmp_path: Path) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", TARS, **SETTINGS)
    packed = tmp_path / "image.tar.gz"
    packed.write_bytes(gzip.compress(archive.read_bytes()))
    check(read(str(packed)))


@pytest.mark.parametrize(
    ("compress", "suffix"),
    [
        (gzip.compress, "+gzip"),
        (zstandard.ZstdCompressor().compress, "+zstd"),
        (lambda plain: zstandard.compress(plain[:700]) + zstandard.compress(plain[700:]), "+zstd"),
        (lambda plain: gzip.compress(plain[:700]) + gzip.compress(plain[700:]), "+gzip"),
        (lzma.compress, "+xz"),
        (bytes, ""),
    ],
)
def test_oci_directory_and_archive(tmp_path: Path, compress: object, suffix: str) -> None:
    files = oci_files(TARS, compress, suffix, **SETTINGS)  # type: ignore[arg-type]
    layout = write_files(tmp_path / "layout", files)
    archive = write_tar(tmp_path / "layout.tar", files)
    for reference in (
        f"oci:{layout}",
        f"oci:{layout}:latest",
        str(layout),
        f"oci-archive:{archive}",
        str(archive),
    ):
        found = read(reference)
        check(found)
        if suffix:
            assert found.compressed_bytes.basis == "measured"
            assert found.compressed_bytes.value == sum(layer.compressed_bytes or 0 for layer in found.layers)


def test_docker_25_archive_names_blobs_by_digest(tmp_path: Path) -> None:
    files = oci_files(TARS, **SETTINGS)
    manifest_name = "blobs/sha256/" + json.loads(files["index.json"])["manifests"][0]["digest"][7:]
    manifest = json.loads(files[manifest_name])
    blobs = ["blobs/sha256/" + layer["digest"][7:] for layer in manifest["layers"]]
    config = "blobs/sha256/" + manifest["config"]["digest"][7:]
    files["manifest.json"] = json.dumps([{"Config": config, "RepoTags": ["a:1"], "Layers": blobs}]).encode()
    found = read(f"docker-archive:{write_tar(tmp_path / 'i.tar', files)}:a:1")
    check(found)
    assert found.compressed_bytes.basis == "measured"
    files[blobs[0]] = gzip.compress(TARS[0], 1)
    with pytest.raises(ImageError, match="wrong digest"):
        read(f"docker-archive:{write_tar(tmp_path / 'j.tar', files)}")


def test_first_docker_format(tmp_path: Path) -> None:
    top, base = "b" * 64, "a" * 64
    members = {
        f"{base}/VERSION": b"1.0",
        f"{base}/json": json.dumps(
            {"id": base, "container_config": {"Cmd": ["/bin/sh", "-c", "step 0"]}}
        ).encode(),
        f"{base}/layer.tar": TARS[0],
        f"{top}/json": json.dumps(
            {
                "id": top,
                "parent": base,
                "config": SETTINGS,
                "container_config": {"Cmd": ["/bin/sh", "-c", "step 1"]},
            }
        ).encode(),
        f"{top}/layer.tar": TARS[1],
    }
    check(read(str(write_tar(tmp_path / "no-names.tar", members))))
    members["repositories"] = json.dumps({"test": {"1": top}}).encode()
    check(read(f"docker-archive:{write_tar(tmp_path / 'names.tar', members)}:test:1"))


def test_links_between_layers_of_an_archive(tmp_path: Path) -> None:
    tars = [TARS[0], TARS[0]]
    config = config_json(tars)
    path = tmp_path / "linked.tar"
    saved = [{"Config": "c.json", "RepoTags": None, "Layers": ["x/layer.tar", "y/layer.tar"]}]
    write_tar(path, {"c.json": config, "x/layer.tar": TARS[0], "manifest.json": json.dumps(saved).encode()})
    with tarfile.open(path, "a") as tar:
        info = tarfile.TarInfo("y/layer.tar")
        info.type, info.linkname = tarfile.SYMTYPE, "../x/layer.tar"
        tar.addfile(info)
    assert [layer.size_bytes for layer in read(str(path)).layers] == [5100, 5100]


def test_platform_of_an_index(tmp_path: Path) -> None:
    files: dict[str, bytes] = {}
    entries = []
    for architecture, tar in (("amd64", TARS[0]), ("arm64", TARS[1])):
        one = oci_files([tar])
        entry = json.loads(one["index.json"])["manifests"][0]
        entry["platform"] = {"os": "linux", "architecture": architecture}
        entries.append(entry)
        files |= one
    entries.append({**entries[0], "platform": {"os": "unknown", "architecture": "unknown"}})
    index = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
    files["blobs/sha256/" + digest(index)[7:]] = index
    kind = "application/vnd.oci.image.index.v1+json"
    root = {"mediaType": kind, "digest": digest(index), "size": len(index)}
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [root]}).encode()
    layout = write_files(tmp_path / "layout", files)
    assert read(f"oci:{layout}", platform="linux/arm64").size_bytes.value == 10
    assert read(f"oci:{layout}", platform="linux/amd64").size_bytes.value == 5100
    with pytest.raises(ImageError, match="no image for linux/s390x") as caught:
        read(f"oci:{layout}", platform="s390x")
    assert "linux/amd64, linux/arm64" in (caught.value.hint or "")


def damaged(name: str) -> dict[str, bytes]:
    files = oci_files(TARS)
    manifest_name = "blobs/sha256/" + json.loads(files["index.json"])["manifests"][0]["digest"][7:]
    layer = "blobs/sha256/" + json.loads(files[manifest_name])["layers"][0]["digest"][7:]
    match name:
        case "manifest altered":
            files[manifest_name] += b" "
        case "layer altered":
            files[layer] = gzip.compress(TARS[1])
        case "layer truncated":
            files[layer] = files[layer][:-20]
        case "layer missing":
            del files[layer]
        case "not gzip inside":
            files[layer] = files[layer][:30] + b"\0" * 30 + files[layer][60:]
        case "index is html":
            files["index.json"] = b"<html>proxy</html>"
        case "index of wrong types":
            files["index.json"] = b'{"manifests": [{"digest": 7}]}'
        case "digest climbs out":
            files["index.json"] = b'{"manifests": [{"digest": "sha256:../../../etc/passwd"}]}'
        case "index empty":
            files["index.json"] = b'{"manifests": []}'
        case "deep json":
            files["index.json"] = b"[" * 100_000
    return files


@pytest.mark.parametrize(
    "name",
    [
        "manifest altered",
        "layer altered",
        "layer truncated",
        "layer missing",
        "not gzip inside",
        "index is html",
        "index of wrong types",
        "digest climbs out",
        "index empty",
        "deep json",
    ],
)
def test_damage_is_an_error_with_place(tmp_path: Path, name: str) -> None:
    files = damaged(name)
    for reference in (
        f"oci:{write_files(tmp_path / 'layout', files)}",
        f"oci-archive:{write_tar(tmp_path / 'layout.tar', files)}",
    ):
        with pytest.raises(ImageError) as caught:
            read(reference)
        assert caught.value.where and caught.value.hint


def test_docker_archive_with_a_changed_layer(tmp_path: Path) -> None:
    config = config_json(TARS)
    saved = [{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["0.tar", "1.tar"]}]
    members = {
        "c.json": config,
        "0.tar": TARS[0],
        "1.tar": TARS[0],
        "manifest.json": json.dumps(saved).encode(),
    }
    with pytest.raises(ImageError, match="wrong digest"):
        read(str(write_tar(tmp_path / "a.tar", members)))
    del members["1.tar"]
    with pytest.raises(ImageError, match="missing"):
        read(str(write_tar(tmp_path / "b.tar", members)))


def test_limits(tmp_path: Path) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", TARS)
    for limits in (
        Limits(manifest_bytes=10),
        Limits(config_bytes=10),
        Limits(layers=1),
        Limits(layer_bytes=1000),
    ):
        with pytest.raises(ImageError), open_image(str(archive), limits=limits) as image:
            facts(image)


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    for content in (b"", b"hello" * 1000, b"\0" * 4096, b"\x1f\x8b broken"):
        path = tmp_path / "x.tar"
        path.write_bytes(content)
        with pytest.raises(ImageError) as caught:
            read(f"docker-archive:{path}")
        assert str(path) in str(caught.value)


def test_missing_things(tmp_path: Path) -> None:
    no_engine = f"unix://{tmp_path}/none.sock"
    with pytest.raises(ImageError):
        read(f"docker-archive:{tmp_path}/none.tar")
    with pytest.raises(ImageError):
        read(f"oci:{tmp_path}/none")
    with pytest.raises(EngineError):
        read("docker-daemon:python:3.11", docker_host=no_engine)
    with pytest.raises(NetworkError, match="nor to be had"):
        read("127.0.0.1:1/python:3.11", docker_host=no_engine)
    with pytest.raises(UsageError):
        read("docker-daemon:python", docker_host="carrier-pigeon:1")
    with pytest.raises(TareError):
        read("./nothing/here")


@pytest.mark.parametrize(
    "compress", [bytes, gzip.compress, zstandard.ZstdCompressor().compress, lzma.compress]
)
def test_stdin(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", TARS, **SETTINGS)
    check(read("-", Access(stdin=io.BytesIO(compress(archive.read_bytes())))))
    layout = write_tar(tmp_path / "layout.tar", oci_files(TARS, **SETTINGS))
    check(read("-", Access(stdin=io.BytesIO(compress(layout.read_bytes())))))
    with pytest.raises(ImageError) as caught:
        read("-", Access(stdin=io.BytesIO(compress(archive.read_bytes()[:20_000]))))
    assert caught.value.where == "-" and caught.value.hint
    with pytest.raises(UsageError, match="stdin"):
        read("-")


@pytest.mark.engine
def test_skopeo_conversions_have_the_same_facts(tmp_path: Path) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", TARS, **SETTINGS)
    targets = [
        f"oci:{tmp_path}/oci:latest",
        f"oci-archive:{tmp_path}/oci.tar:latest",
        f"docker-archive:{tmp_path}/again.tar",
    ]
    for target in targets:
        subprocess.run(
            ["skopeo", "copy", "--insecure-policy", f"docker-archive:{archive}", target],
            check=True,
            capture_output=True,
        )
        check(read(target), health_check=target.startswith("docker"))  # OCI has no health check
