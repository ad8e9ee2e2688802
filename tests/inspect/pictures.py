"""Analysed images made in memory, for the tests of this package."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tare.image import analyse, open_image
from tare.image.analysis import Analysis
from tests.support.random_image import Operation, layer_tar, write_docker_archive


def file(path: str, content: bytes = b"x" * 100, mode: int = 0o644) -> Operation:
    """A regular file."""
    return Operation("file", path, content, mode=mode)


def folder(path: str, mode: int = 0o755) -> Operation:
    """A directory."""
    return Operation("directory", path, mode=mode)


def gone(path: str) -> Operation:
    """A whiteout."""
    return Operation("whiteout", path)


@contextmanager
def analysed(directory: Path, layers: Sequence[Sequence[Operation]]) -> Iterator[Analysis]:
    """The analysis of layers, lowest first."""
    archive = write_docker_archive(directory / "image.tar", [layer_tar(one) for one in layers])
    with open_image(f"docker-archive:{archive}") as image:
        yield analyse(image)
