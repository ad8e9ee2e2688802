"""The merged tree equals what engines unpack: containers-storage's own unpacker and Docker's export, to the last attribute."""

import hashlib
import io
import json
import os
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from tare.image import Image, analyse, open_image
from tare.image.access import Access
from tare.image.tree import Tree
from tests.support.random_image import Operation, images, layer_tar, write_docker_archive

pytestmark = pytest.mark.engine

Shown = dict[str, tuple[object, ...]]
_NULL = os.makedev(1, 3)


def entry(
    name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"", **fields: object
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mtime = kind, len(content), 1_600_000_000
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content


def tar(*entries: tuple[tarfile.TarInfo, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=format, errors="surrogateescape") as out:
        for info, content in entries:
            out.addfile(info, io.BytesIO(content))
    return target.getvalue()


def sparse(folder: Path, form: str) -> bytes:
    """A layer that GNU tar wrote, with holes in the file."""
    (folder / "t").mkdir(exist_ok=True)
    with (folder / "t/sparse").open("wb") as file:
        file.seek(3_000_000)
        file.write(b"end")
    command = ["tar", "-C", str(folder), "-c", "--sparse", f"--format={form}", "--mtime=@1600000000", "t"]
    return subprocess.run(command, check=True, capture_output=True).stdout


D, L, S, C, F = tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE


def cases(folder: Path) -> dict[str, list[bytes]]:
    """Images of a few layers; everything is beneath t/."""
    lower = tar(
        entry("t", D), entry("t/d", D), entry("t/d/a", content=b"a"), entry("t/d/e", D), entry("t/d/e/b", content=b"b"),
        entry("t/f", content=b"f"), entry("t/h", L, linkname="t/f"), entry("t/s", S, linkname="f", mode=0o777),
    )  # fmt: skip
    return {
        "whiteouts of whiteouts": [
            lower, tar(entry("t/.wh.f")), tar(entry("t/.wh.f")), tar(entry("t/f", content=b"new")), tar(entry("t/.wh.f")),
        ],
        "copy-up": [lower, tar(entry("t/f", content=b"longer", mode=0o600)), tar(entry("t/.wh.h"))],
        "opaque": [lower, tar(entry("t/d", D, mode=0o700), entry("t/d/n", content=b"n"), entry("t/d/.wh..wh..opq"))],
        "directory gone and back": [lower, tar(entry("t/.wh.d")), tar(entry("t/d", D), entry("t/d/n", content=b"1"))],
        "kinds change": [
            lower,
            tar(entry("t/d", content=b"file now"), entry("t/f", D), entry("t/f/in", content=b"i"), entry("t/s", D)),
            tar(entry("t/d", S, linkname="/t/f", mode=0o777), entry("t/s", F)),
        ],
        "devices, owners, modes": [
            tar(
                entry("t", D, mode=0o1777), entry("t/null", C, devmajor=1, devminor=3), entry("t/pipe", F, mode=0o600),
                entry("t/su", content=b"x", mode=0o4755, uid=1234, gid=4321),
                entry("t/cap", content=b"x", pax_headers={"SCHILY.xattr.user.note": "hello"}),
            ),
        ],
        "odd names": [
            tar(
                entry("t", D), entry("t/new\nline", content=b"1"), entry("t/ü", content=b"2"),
                entry("t/" + "x" * 250, content=b"3"),
                entry("/".join(["t", *["deep" * 20] * 8, "end"]), content=b"4"),
                entry("t/ sp ace ", content=b"5"), entry("./t//dot/./x", content=b"6"),
            ),
            tar(
                entry("t/\udcff\udcfe", content=b"7"), entry("t/" + "l" * 140, S, linkname="m" * 130, mode=0o777),
                format=tarfile.GNU_FORMAT,
            ),
        ],
        "sparse": [sparse(folder, "posix")],
        "no parents": [tar(entry("t/a/b/c", content=b"c")), tar(entry("t/a/.wh.b")), tar(entry("t/a/b/d", content=b"d"))],
    }  # fmt: skip


def of_tree(image: Image, tree: Tree) -> Shown:
    """The tree as the others show it; implied directories without owner and times."""
    contents: dict[tuple[int, int], str] = {}
    for layer in image.layers:
        with image.open_blob(layer) as blob, tarfile.open(fileobj=blob, errors="surrogateescape") as tar:
            for place, member in enumerate(tar):
                file = tar.extractfile(member) if member.isreg() else None
                if file is not None:
                    contents[layer.index, place] = hashlib.sha256(file.read()).hexdigest()
    first: dict[int, str] = {}
    found: Shown = {}
    for node in tree.walk():
        one, inode = node.inode.entry, node.inode
        value: object = {"file": contents.get((inode.layer, inode.place)), "symlink": one.link}.get(one.kind)
        value = one.device if one.kind == "character" else value
        group = first.setdefault(id(inode), node.path)
        mode = 0o777 if one.kind == "symlink" else one.mode
        xattrs = tuple(pair for pair in one.xattrs if pair[0].startswith("user."))
        rest = (mode, one.uid, one.gid, xattrs) if inode.place >= 0 else (0o755, 0, 0, ())
        times = one.mtime if one.kind == "file" else None
        found[node.path] = (one.kind, value, group if one.kind == "file" else None, times, *rest)
    return found


def consistent(layers: list[list[Operation]]) -> list[list[Operation]]:
    """A hard link's entry repeats its file's mode; unpackers differ on which counts where the two are not the same."""
    found = []
    for layer in layers:
        modes = {one.path: one.mode for one in layer if one.kind == "file"}
        found.append([replace(one, mode=modes[one.link]) if one.kind == "hardlink" else one for one in layer])
    return found


def of_folder(root: Path) -> Shown:
    """A root file system on disk."""
    first: dict[int, str] = {}
    found: Shown = {}
    paths = sorted(
        str(Path(folder, name).relative_to(root)) for folder, a, b in os.walk(root) for name in (*a, *b)
    )
    for path in sorted(paths, key=lambda path: path.split("/")):
        full = root / path
        status = full.lstat()
        kind = {
            stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink",
            stat.S_IFCHR: "character", stat.S_IFIFO: "fifo",
        }[stat.S_IFMT(status.st_mode)]  # fmt: skip
        value: object = None
        if kind == "file":
            value = hashlib.sha256(full.read_bytes()).hexdigest()
        elif kind == "symlink":
            value = os.readlink(full)
        elif kind == "character":
            value = os.major(status.st_rdev), os.minor(status.st_rdev)
        group = first.setdefault(status.st_ino, path) if kind == "file" else None
        names = [] if kind == "symlink" else [name for name in os.listxattr(full) if name.startswith("user.")]
        xattrs = tuple((name[5:] and name, os.getxattr(full, name).decode()) for name in sorted(names))
        mode = 0o777 if kind == "symlink" else stat.S_IMODE(status.st_mode)
        times = int(status.st_mtime) if kind == "file" else None
        found[path] = (kind, value, group, times, mode, status.st_uid, status.st_gid, xattrs)
    return found


def unpacked_by_storage(archive: Path, folder: Path) -> Path:
    """With the vfs driver the top layer's directory is the whole root file system."""
    root = folder / "store"
    target = f"containers-storage:[vfs@{root}+{folder / 'run'}]localhost/app:1"
    subprocess.run(
        ["skopeo", "copy", "-q", "--insecure-policy", f"docker-archive:{archive}", target],
        check=True,
        capture_output=True,
    )
    top = json.loads((root / "vfs-images/images.json").read_text())[0]["layer"]
    return root / "vfs/dir" / top


NAMES = [
    "whiteouts of whiteouts", "copy-up", "opaque", "directory gone and back", "kinds change", "devices, owners, modes",
    "odd names", "sparse", "no parents",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_cases_as_containers_storage_unpacks(tmp_path: Path, name: str) -> None:
    archive = write_docker_archive(tmp_path / "i.tar", cases(tmp_path)[name])
    with open_image(str(archive), access=Access()) as image:
        assert of_tree(image, analyse(image).tree) == of_folder(unpacked_by_storage(archive, tmp_path))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(images())
def test_random_images_as_containers_storage_unpacks(layers: list[list[Operation]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        archive = write_docker_archive(folder / "i.tar", [layer_tar(layer) for layer in consistent(layers)])
        with open_image(str(archive), access=Access()) as image:
            ours = of_tree(image, analyse(image).tree)
        theirs = of_folder(unpacked_by_storage(archive, folder))
        assert ours == theirs


def test_what_the_engines_refuse_as_tar_unpacks(tmp_path: Path) -> None:
    """GNU's old sparse form and names that come twice: the last counts."""
    twice = [
        entry("t", D),
        entry("t/x", content=b"1"),
        entry("t/y", L, linkname="t/x"),
        entry("t/x", content=b"22"),
    ]
    for place, layer in enumerate((sparse(tmp_path, "gnu"), tar(*twice, entry("t", D, mode=0o711)))):
        root = tmp_path / f"root{place}"
        root.mkdir()
        subprocess.run(["tar", "-C", str(root), "-x", "--same-permissions"], input=layer, check=True)
        with open_image(str(write_docker_archive(tmp_path / "i.tar", [layer])), access=Access()) as image:
            assert of_tree(image, analyse(image).tree) == of_folder(root)


DOCKER = "/usr/bin/docker"


@pytest.fixture
def loaded(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str]]:
    """An archive, and the image that Docker loaded from it."""
    name = f"tare-sources-tree:{NAMES.index(request.param)}"
    archive = write_docker_archive(tmp_path / "i.tar", cases(tmp_path)[request.param], name, Cmd=["/t/x"])
    subprocess.run([DOCKER, "load", "-q", "-i", str(archive)], check=True, capture_output=True)
    yield archive, name
    subprocess.run([DOCKER, "image", "rm", "-f", name], check=False, capture_output=True)


@pytest.mark.parametrize("loaded", NAMES, indirect=True)
def test_cases_as_docker_exports(loaded: tuple[Path, str]) -> None:
    archive, name = loaded
    made = subprocess.run([DOCKER, "create", name], check=True, capture_output=True, text=True).stdout.strip()
    try:
        exported = subprocess.run([DOCKER, "export", made], check=True, capture_output=True).stdout
    finally:
        subprocess.run([DOCKER, "rm", "-f", made], check=True, capture_output=True)
    found: Shown = {}
    groups: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(exported), errors="surrogateescape") as tar:
        for member in sorted(tar, key=lambda member: member.name.split("/")):
            if member.name.split("/")[0] != "t":
                continue
            file = tar.extractfile(member) if member.isreg() or member.islnk() else None
            kind = {C: "character", D: "directory", S: "symlink", F: "fifo"}.get(member.type, "file")
            value: object = {"symlink": member.linkname}.get(kind)
            value = hashlib.sha256(file.read()).hexdigest() if file is not None else value
            value = (member.devmajor, member.devminor) if kind == "character" else value
            if member.islnk():
                groups[member.name] = groups.setdefault(member.linkname, member.linkname)
            elif kind == "file":
                groups[member.name] = groups.get(member.name, member.name)
            mode = 0o777 if kind == "symlink" else member.mode & 0o7777
            times = int(member.mtime) if kind == "file" else None
            found[member.name] = (kind, value, None, times, mode, member.uid, member.gid)
    with open_image(str(archive), access=Access()) as image:
        ours = of_tree(image, analyse(image).tree)
    assert {path: (*one[:2], None, *one[3:7]) for path, one in ours.items()} == found
    shared: dict[str, set[str]] = {}
    for path, first in groups.items():
        shared.setdefault(first, set()).add(path)
    expected: dict[object, set[str]] = {}
    for path, one in ours.items():
        if one[0] == "file":
            expected.setdefault(one[2], set()).add(path)
    assert sorted(map(sorted, shared.values())) == sorted(map(sorted, expected.values()))


def test_the_real_base_as_docker_exports() -> None:
    """debian:bookworm-slim: every path, kind, size, mode and owner that Docker does not itself put into a container."""
    made = subprocess.run(
        [DOCKER, "create", "debian:bookworm-slim"], check=True, capture_output=True, text=True
    ).stdout.strip()
    try:
        exported = subprocess.run([DOCKER, "export", made], check=True, capture_output=True).stdout
    finally:
        subprocess.run([DOCKER, "rm", "-f", made], check=True, capture_output=True)
    docker_own = {
        ".dockerenv",
        "dev/console",
        "dev/pts",
        "dev/shm",
        "etc/hostname",
        "etc/hosts",
        "etc/resolv.conf",
        "etc/mtab",
    }
    with tarfile.open(fileobj=io.BytesIO(exported)) as tar:
        theirs = {
            member.name: (
                member.mode & 0o7777,
                member.uid,
                member.gid,
                member.isdir(),
                member.issym() and member.linkname,
            )
            for member in tar
            if member.name not in docker_own
        }
    with open_image("docker-daemon:debian:bookworm-slim") as image:
        ours = {
            node.path: (
                node.inode.entry.mode, node.inode.entry.uid, node.inode.entry.gid, node.children is not None,
                node.inode.entry.kind == "symlink" and node.inode.entry.link,
            )
            for node in analyse(image).tree.walk()
            if node.path not in docker_own
        }  # fmt: skip
    assert ours == {path: theirs[path] for path in ours} and set(theirs) - set(ours) <= {
        "dev",
        "etc",
        "proc",
        "sys",
    }
