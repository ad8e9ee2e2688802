"""Drafts written and read again: the merged tree stays equal, digests repeat, and other tools read the result."""

import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from tare.core.errors import ImageError, UsageError
from tare.image import analyse, open_image
from tare.image.analysis import Analysis
from tare.image.compress import CODECS, compression
from tare.image.contents import Contents
from tare.image.destination import parse_destination
from tare.image.mutate import (
    Draft,
    Edits,
    KeptLayer,
    grouped,
    read_config_json,
    relaid,
    written,
)
from tare.image.write import WriteSettings, Written, write_image
from tests.support.random_image import (
    Operation,
    images,
    layer_tar,
    oci_files,
    write_docker_archive,
    write_files,
)

Facts = dict[str, tuple[object, ...]]


def facts(analysis: Analysis) -> Facts:
    """All that a container can see, with the first name of each inode."""
    found: Facts = {}
    first: dict[object, str] = {}
    for node in analysis.tree.walk():
        entry = node.inode.entry
        name = first.setdefault(node.inode, node.path)
        mtime = entry.mtime if node.inode.place >= 0 else 0
        found[node.path] = (
            entry.kind, entry.mode, entry.uid, entry.gid, mtime, entry.link if entry.kind == "symlink" else "",
            entry.content, entry.size_bytes, entry.xattrs, name,
        )  # fmt: skip
    return found


def copy(
    source: str, target: str, codec: str = "gzip", way: str = "relaid", edits: Edits | None = None
) -> Written:
    with open_image(source) as image:
        analysis = analyse(image)
        with Contents(analysis) as contents:
            changes = edits or Edits()
            layers = (
                relaid(analysis, changes, keep=codec != "zstd:chunked")
                if way == "relaid"
                else grouped(analysis, changes, ("all",), lambda node: 0)
            )
            draft = Draft(analysis, read_config_json(analysis), layers)
            return write_image(
                [(draft, contents)], parse_destination(target), WriteSettings(compression(codec, None))
            )


def read(reference: str) -> Facts:
    with open_image(reference) as image:
        return facts(analyse(image))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(images())
def test_random_images_keep_their_tree_in_every_layout(layers: list[list[Operation]]) -> None:
    with TemporaryDirectory() as folder:
        source = write_docker_archive(Path(folder, "in.tar"), [layer_tar(layer) for layer in layers])
        before = read(f"docker-archive:{source}")
        for way in ("relaid", "grouped"):
            for target in (f"oci:{folder}/{way}", f"docker-archive:{folder}/{way}.tar:a/b:c"):
                copy(str(source), target, way=way)
                assert read(target) == before
        with open_image(f"oci:{folder}/relaid") as image:
            assert not analyse(image).tree.hidden


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_reads_back_and_repeats(tmp_path: Path, codec: str) -> None:
    operations = [Operation("file", f"f{i}", os.urandom(2000) * 40) for i in range(9)]
    operations += [Operation("hardlink", "h", link="f1"), Operation("symlink", "s" * 120, link="t" * 150)]
    source = write_docker_archive(tmp_path / "in.tar", [layer_tar(operations)])
    first = copy(str(source), f"oci:{tmp_path}/one", codec)
    second = copy(str(source), f"oci-archive:{tmp_path}/two.tar:x", codec)
    assert first.digest == second.digest and first.layers == second.layers
    assert read(f"oci:{tmp_path}/one") == read(str(source)) == read(f"oci-archive:{tmp_path}/two.tar:x")


def test_chunked_offsets_fetch_single_files(tmp_path: Path) -> None:
    import hashlib

    import zstandard

    operations = [Operation("file", f"f{i}", bytes([i]) * 5000) for i in range(5)]
    source = write_docker_archive(tmp_path / "in.tar", [layer_tar(operations)])
    done = copy(str(source), f"oci:{tmp_path}/out", "zstd:chunked")
    blob = (tmp_path / "out/blobs/sha256" / done.layers[0].digest[7:]).read_bytes()
    notes = done.layers[0].annotations
    start, packed, size, kind = map(
        int, notes["io.github.containers.zstd-chunked.manifest-position"].split(":")
    )
    table = blob[start : start + packed]
    assert (
        notes["io.github.containers.zstd-chunked.manifest-checksum"][7:] == hashlib.sha256(table).hexdigest()
    )
    toc = json.loads(zstandard.decompress(table, max_output_size=size))
    assert kind == 1 and blob.endswith(b"GNUlInUx")
    for record, operation in zip(toc["entries"], operations, strict=True):
        content = (
            zstandard.ZstdDecompressor()
            .decompressobj()
            .decompress(blob[record["offset"] : record["endOffset"]])
        )
        assert content == operation.content
        assert record["digest"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_an_untouched_layer_is_taken_as_it_is_stored(tmp_path: Path) -> None:
    tars = [layer_tar([Operation("file", "base", b"b")]), layer_tar([Operation("file", "a", b"1")]),
            layer_tar([Operation("file", "a", b"2")])]  # fmt: skip
    source = write_files(tmp_path / "in", oci_files(tars))
    with open_image(f"oci:{source}") as image:
        layers = relaid(analyse(image), Edits())
        assert [type(layer) for layer in layers].count(KeptLayer) == 2
        digests = {layer.digest for layer in image.layers}
    done = copy(f"oci:{source}", f"oci:{tmp_path}/out")
    assert len(done.layers) == 2 and {layer.digest for layer in done.layers} <= digests
    config = json.loads(next_config(tmp_path / "out"))
    assert [step.get("empty_layer", False) for step in config["history"]] == [True, False, True, False]


def next_config(layout: Path) -> bytes:
    index = json.loads((layout / "index.json").read_bytes())
    manifest = json.loads((layout / "blobs/sha256" / index["manifests"][0]["digest"][7:]).read_bytes())
    return (layout / "blobs/sha256" / manifest["config"]["digest"][7:]).read_bytes()


def test_edits_remove_change_and_add(tmp_path: Path) -> None:
    source = write_docker_archive(
        tmp_path / "in.tar",
        [
            layer_tar(
                [Operation("file", "d/a", b"1"), Operation("file", "d/b", b"2"), Operation("file", "e", b"3")]
            )
        ],
    )
    edits = Edits(frozenset({"d/a"}), {"e": written(b"changed")})
    copy(str(source), f"oci:{tmp_path}/out", edits=edits)
    found = read(f"oci:{tmp_path}/out")
    assert set(found) == {"d", "d/b", "e"} and found["e"][7] == len(b"changed")


def test_a_second_tag_joins_a_layout_and_a_full_directory_is_refused(tmp_path: Path) -> None:
    source = write_docker_archive(tmp_path / "in.tar", [layer_tar([Operation("file", "a", b"1")])])
    copy(str(source), f"oci:{tmp_path}/out:one")
    copy(str(source), f"oci:{tmp_path}/out:two", "zstd")
    assert read(f"oci:{tmp_path}/out:one") == read(f"oci:{tmp_path}/out:two")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").touch()
    for bad in (
        f"oci:{tmp_path}/full",
        "containers-storage:x",
        f"oci:{tmp_path}/no/such/place",
        "docker-daemon:a@b",
    ):
        with pytest.raises(UsageError):
            parse_destination(bad)


def test_nothing_stays_behind_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_docker_archive(tmp_path / "in.tar", [layer_tar([Operation("file", "a", b"1")])])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tare.image.write._put", full)
    monkeypatch.setattr("tare.image.write.finished_config", full)
    for target in ("oci:{}/x", "oci-archive:{}/x.tar", "docker-archive:{}/x.tar"):
        with pytest.raises(ImageError, match="No space"):
            copy(str(source), target.format(tmp_path))
    assert os.listdir(tmp_path) == ["in.tar"]


@pytest.mark.engine
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(images())
def test_umoci_unpacks_the_same_from_both(layers: list[list[Operation]]) -> None:
    from tests.image.test_tree import on_disk

    with TemporaryDirectory() as folder:
        write_files(Path(folder, "in"), oci_files([layer_tar(layer) for layer in layers]))
        copy(f"oci:{folder}/in", f"oci:{folder}/out:latest")
        for name in ("in", "out"):
            subprocess.run(
                ["umoci", "raw", "unpack", "--rootless", "--image", f"{folder}/{name}:latest", f"{folder}/{name}-root"],
                check=True, capture_output=True,
            )  # fmt: skip
        assert on_disk(Path(folder, "in-root")) == on_disk(Path(folder, "out-root"))


@pytest.mark.engine
def test_skopeo_reads_every_format(tmp_path: Path) -> None:
    source = write_docker_archive(tmp_path / "in.tar", [layer_tar([Operation("file", "a", b"1" * 9000)])])
    for number, target in enumerate(
        (f"oci:{tmp_path}/a:x", f"oci-archive:{tmp_path}/b.tar:x", f"docker-archive:{tmp_path}/c.tar:x/y:z")
    ):
        for codec in CODECS if target.startswith("oci") else ("gzip",):
            copy(str(source), target, codec)
            there = f"dir:{tmp_path}/copy{number}{codec}"
            subprocess.run(["skopeo", "copy", "-q", target, there], check=True, capture_output=True)
