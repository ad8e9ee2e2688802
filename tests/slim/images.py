"""Small images with a Python in them, made in memory, and plans over them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tare.image import analyse, open_image
from tare.image.contents import Contents
from tare.slim.model import Step
from tare.slim.plan import Plan, make_plan
from tare.slim.view import ImageFiles
from tests.support.random_image import Operation, layer_tar, write_docker_archive

SITE = "usr/lib/python3.11/site-packages"
BASE: Mapping[str, bytes] = {
    "usr/bin/python3": b"\x7fELF",
    "usr/lib/python3.11/os.py": b"import abc\n",
    "usr/lib/python3.11/abc.py": b"",
    "usr/lib/python3.11/distutils/__init__.py": b"",
    "app/main.py": b"import lib\n",
    f"{SITE}/lib/__init__.py": b"from . import core\n",
    f"{SITE}/lib/core.py": b"def later():\n    import lib.lazy\n",
    f"{SITE}/lib/lazy.py": b"",
}
PROGRAMS = frozenset({"usr/bin/python3"})


def distribution(name: str, files: Sequence[str], site: str = SITE) -> dict[str, bytes]:
    """The metadata of an installed distribution with a RECORD that lists `files` (relative to site-packages)."""
    info = f"{name}-1.0.dist-info"
    record = "".join(f"{path},sha256=abc,1\n" for path in files) + f"{info}/METADATA,,\n{info}/RECORD,,\n"
    return {
        f"{site}/{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{site}/{info}/RECORD": record.encode(),
    }


def archive(folder: Path, layers: Sequence[Mapping[str, bytes]], **config: object) -> Path:
    """A docker-archive of those files; `usr/bin` is executable."""
    settings: dict[str, object] = {"Cmd": ["python3", "/app/main.py"], "WorkingDir": "/app"} | config
    tars = [
        layer_tar(
            [
                Operation("file", path, content, mode=0o755 if "bin/" in path else 0o644)
                for path, content in files.items()
            ]
        )
        for files in layers
    ]
    return write_docker_archive(folder / "image.tar", tars, **settings)


@contextmanager
def planned(
    folder: Path, files: Mapping[str, bytes], steps: Sequence[Step], **config: object
) -> Iterator[Plan]:
    """A plan over an image of `BASE` and more files."""
    path = archive(folder, [{**BASE, **files}], **config)
    with open_image(f"docker-archive:{path}") as image:
        analysis = analyse(image, sample=False)
        with Contents(analysis) as contents:
            yield make_plan(ImageFiles(analysis, contents), steps)


def removed(plan: Plan) -> set[str]:
    """Files that the plan takes away."""
    return {entry.path for entry in plan.ledger if entry.action == "removed"}
