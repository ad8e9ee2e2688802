"""The merged tree: the rules one by one, then random images against a naive model and against umoci."""

import io
import os
import stat
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings

from tare.core.errors import ImageError
from tare.image.compressibility import Sampler
from tare.image.limits import DEFAULT_LIMITS
from tare.image.scan import LayerScan, scan_layer
from tare.image.tree import Tree
from tests.support.random_image import Operation, digest, images, layer_tar, oci_files, write_files


def file(path: str, content: bytes = b"x", mode: int = 0o644) -> Operation:
    return Operation("file", path, content, mode=mode)


def scan(operations: list[Operation]) -> LayerScan:
    tar = layer_tar(operations)
    return scan_layer(
        io.BytesIO(tar),
        diff_id=digest(tar),
        blob_digest=None,
        what="layer",
        capture=lambda path: False,
        sampler=Sampler(0),
        limits=DEFAULT_LIMITS,
    )


def merge(layers: list[list[Operation]]) -> Tree:
    tree = Tree()
    for operations in layers:
        tree.apply(scan(operations).entries)
    return tree


def paths(tree: Tree) -> list[str]:
    return [node.path for node in tree.walk()]


def hidden(tree: Tree) -> list[tuple[str, str, int, int]]:
    return sorted((gone.path, gone.cause, gone.inode.layer, gone.gone_in) for gone in tree.hidden)


def test_file_whiteout_hides_and_names_both_layers() -> None:
    tree = merge([[file("a/b")], [Operation("whiteout", "a/b")]])
    assert paths(tree) == ["a"]
    assert hidden(tree) == [("a/b", "whiteout", 0, 1)]


def test_directory_whiteout_hides_everything_beneath() -> None:
    tree = merge([[file("d/a"), file("d/e/b"), file("k")], [], [Operation("whiteout", "d")]])
    assert paths(tree) == ["k"]
    assert hidden(tree) == [("d/a", "directory-whiteout", 0, 2), ("d/e/b", "directory-whiteout", 0, 2)]


@pytest.mark.parametrize("opaque_first", [True, False])
def test_opaque_spares_its_own_layer_wherever_it_stands(opaque_first: bool) -> None:
    upper = [Operation("opaque", "d"), file("d/new"), file("d/s/new")]
    tree = merge([[file("d/old"), file("d/s/old")], upper if opaque_first else upper[::-1]])
    assert paths(tree) == ["d", "d/new", "d/s", "d/s/new"]
    assert {cause for _, cause, _, _ in hidden(tree)} == {"opaque"}


@pytest.mark.parametrize("whiteout_first", [True, False])
def test_whiteout_spares_its_own_layer(whiteout_first: bool) -> None:
    upper = [Operation("whiteout", "a"), file("a", b"new")]
    tree = merge([[file("a", b"old")], upper if whiteout_first else upper[::-1]])
    assert paths(tree) == ["a"]
    assert [gone.inode.layer for gone in tree.hidden] == [0]


def test_whiteout_of_nothing_changes_nothing() -> None:
    tree = merge([[file("a")], [Operation("whiteout", "zz"), Operation("whiteout", "q/r"), file("b")]])
    assert paths(tree) == ["a", "b"] and not tree.hidden


def test_directory_over_directory_keeps_children_and_takes_the_mode() -> None:
    tree = merge([[file("d/a")], [Operation("directory", "d", mode=0o700)]])
    node = tree.get("d")
    assert paths(tree) == ["d", "d/a"] and node is not None and node.inode.entry.mode == 0o700


def test_file_over_directory_and_back() -> None:
    tree = merge([[file("d/a", b"123")], [file("d", b"f")], [Operation("directory", "d"), file("d/b")]])
    assert paths(tree) == ["d", "d/b"]
    assert hidden(tree) == [("d", "overwritten", 1, 2), ("d/a", "replaced-directory", 0, 1)]


def test_same_content_again_is_metadata() -> None:
    tree = merge([[file("a", b"same")], [file("a", b"same", mode=0o600)], [file("a", b"other")]])
    assert hidden(tree) == [("a", "metadata", 0, 1), ("a", "overwritten", 1, 2)]


def test_hard_links_hide_only_with_the_last_name() -> None:
    base = [file("a", b"shared"), Operation("hardlink", "b", link="a")]
    one = merge([base, [Operation("whiteout", "a")]])
    assert not one.hidden and paths(one) == ["b"]
    both = merge([base, [Operation("whiteout", "a")], [file("b", b"new")]])
    assert hidden(both) == [("b", "overwritten", 0, 2)]


def test_copy_up_of_one_name_leaves_the_other() -> None:
    tree = merge([[file("a", b"one"), Operation("hardlink", "b", link="a")], [file("a", b"two")]])
    a, b = tree.get("a"), tree.get("b")
    assert a and b and a.inode is not b.inode and b.inode.layer == 0


def test_entry_twice_in_one_layer() -> None:
    tree = merge([[file("a", b"1"), file("a", b"22")]])
    assert hidden(tree) == [("a", "repeated", 0, 0)]


def test_link_parents_own_layer_followed_lower_layer_replaced() -> None:
    link = Operation("symlink", "lib", link="usr/lib")
    assert paths(merge([[link, file("lib/x")]])) == ["lib", "usr", "usr/lib", "usr/lib/x"]
    tree = merge([[link, file("usr/lib/y")], [file("lib/x")]])
    assert paths(tree) == ["lib", "lib/x", "usr", "usr/lib", "usr/lib/y"]


def test_resolve_follows_directories_and_survives_cycles() -> None:
    tree = merge(
        [
            [
                file("usr/lib/x"),
                Operation("symlink", "lib", link="usr/lib"),
                Operation("symlink", "loop", link="loop"),
                Operation("symlink", "up", link="../../.."),
            ]
        ]
    )
    found = tree.resolve("lib/x")
    assert found is not None and found.path == "usr/lib/x"
    assert tree.resolve("loop/x") is None
    assert (node := tree.resolve("up/usr/lib/x")) is not None and node.path == "usr/lib/x"


def test_link_to_nothing_is_an_error() -> None:
    with pytest.raises(ImageError, match="hard link"):
        merge([[Operation("hardlink", "a", link="gone")]])


def test_file_as_directory_in_one_layer_is_an_error() -> None:
    with pytest.raises(ImageError, match="used as a directory"):
        merge([[file("a"), file("a/b")]])


Snapshot = dict[str, tuple[str, object]]


def naive(layers: list[list[Operation]]) -> Snapshot:
    """The same merge in the most literal way: a flat dictionary, copied for every layer."""
    state: dict[str, tuple[str, object]] = {}
    for operations in layers:
        hides = [op for op in operations if op.kind in ("whiteout", "opaque")]
        for op in hides:
            for path in list(state):
                if path.startswith(f"{op.path}/") or (op.kind == "whiteout" and path == op.path):
                    del state[path]
        for op in operations:
            if op in hides:
                continue
            if not (op.kind == "directory" and state.get(op.path, ("", 0))[0] == "directory"):
                for path in [path for path in state if path.startswith(f"{op.path}/")]:
                    del state[path]
            parent = op.path.rpartition("/")[0]
            while parent:
                if state.get(parent, ("", 0))[0] != "directory":
                    state[parent] = ("directory", None)
                parent = parent.rpartition("/")[0]
            value: object = {"file": op.content, "symlink": op.link}.get(op.kind)
            state[op.path] = state[op.link] if op.kind == "hardlink" else (op.kind, value)
    return state


def snapshot(tree: Tree, layers: list[list[Operation]]) -> Snapshot:
    found: Snapshot = {}
    for node in tree.walk():
        entry = node.inode.entry
        value: object = None
        if entry.kind == "file":
            value = layers[node.inode.layer][node.inode.place].content
        elif entry.kind == "symlink":
            value = entry.link
        found[node.path] = (entry.kind, value)
    return found


@settings(max_examples=300, deadline=None)
@given(images())
def test_random_images_merge_as_the_naive_model(layers: list[list[Operation]]) -> None:
    tree = merge(layers)
    assert snapshot(tree, layers) == naive(layers)


@settings(max_examples=300, deadline=None)
@given(images())
def test_every_byte_is_either_visible_or_hidden(layers: list[list[Operation]]) -> None:
    tree = merge(layers)
    total = sum(len(op.content) for operations in layers for op in operations)
    visible = {id(node.inode): node.inode.entry.size_bytes for node in tree.walk()}
    assert sum(visible.values()) + sum(gone.inode.entry.size_bytes for gone in tree.hidden) == total
    links: dict[int, int] = {}
    for node in tree.walk():
        links[id(node.inode)] = links.get(id(node.inode), 0) + 1
        assert node.inode.links == links[id(node.inode)] or node.inode.links > 1


def on_disk(root: Path) -> dict[str, tuple[str, object, int]]:
    found: dict[str, tuple[str, object, int]] = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            full = Path(folder, name)
            status = full.lstat()
            path = str(full.relative_to(root))
            mode = stat.S_IMODE(status.st_mode)
            if stat.S_ISLNK(status.st_mode):
                found[path] = ("symlink", os.readlink(full), 0)
            elif stat.S_ISDIR(status.st_mode):
                found[path] = ("directory", None, mode)
            elif stat.S_ISFIFO(status.st_mode):
                found[path] = ("fifo", None, mode)
            else:
                found[path] = ("file", full.read_bytes(), mode)
    return found


@pytest.mark.engine
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(images())
@example([[Operation("file", "a/b", b"1")], [Operation("opaque", "a"), Operation("file", "a/c", b"2")]])
def test_random_images_unpack_as_umoci_does(layers: list[list[Operation]]) -> None:
    with TemporaryDirectory() as folder:
        layout = write_files(Path(folder, "image"), oci_files([layer_tar(layer) for layer in layers]))
        subprocess.run(
            ["umoci", "raw", "unpack", "--rootless", "--image", f"{layout}:latest", f"{folder}/root"],
            check=True,
            capture_output=True,
        )
        tree = merge(layers)
        disk = on_disk(Path(folder, "root"))
        links = {os.lstat(Path(folder, "root", path)).st_ino for path in disk}
        assert {path: value[:2] for path, value in disk.items()} == snapshot(tree, layers)
        assert len(links) == len({id(node.inode) for node in tree.walk()})
        for node in tree.walk():
            if node.inode.place >= 0 and node.inode.entry.kind != "symlink":
                assert disk[node.path][2] == node.inode.entry.mode, node.path
