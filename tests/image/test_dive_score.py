"""dive's score against dive itself, on random images."""

import json
import subprocess
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from tare.core.errors import ImageError
from tare.image import analyse, open_image
from tare.image.dive_score import DiveScore, score_dive
from tests.support.random_image import Operation, images, layer_tar, write_docker_archive

DIVE = Path(sysconfig.get_path("scripts")) / "dive"


def both(directory: Path, layers: list[list[Operation]]) -> tuple[DiveScore, dict[str, Any]]:
    archive = write_docker_archive(directory / "image.tar", [layer_tar(one) for one in layers])
    target = directory / "dive.json"
    subprocess.run(
        [DIVE, f"docker-archive://{archive}", "--json", str(target)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    text = target.read_text().replace(": NaN", ": null")
    with open_image(f"docker-archive:{archive}") as image:
        ours = score_dive([scan.entries for scan in analyse(image, sample=False).scans])
    found: dict[str, Any] = json.loads(text)["image"]
    return ours, found


_NAMES = st.sampled_from(["a", "b", "a/b", "a/c", "d", "d/e", "d/e/f", "zz"])
_WILD = st.lists(
    st.lists(
        st.builds(
            Operation,
            st.sampled_from(["file", "file", "directory", "whiteout", "opaque"]),
            _NAMES,
            st.sampled_from([b"", b"1", b"22" * 40, b"3" * 5000]),
        ),
        max_size=6,
        unique_by=lambda one: one.tar_name,
    ),
    min_size=1,
    max_size=4,
)
"""Layers that make no sense: whiteouts of what was never there, files that are directories elsewhere."""


def file(path: str, size: int, mode: int = 0o644) -> Operation:
    return Operation("file", path, b"x" * size, mode=mode)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([[file("a/b", 1), file("c", 7)], [file("a/b", 100_000)], [Operation("whiteout", "a")]])
@example([[file("a/b", 3000)], [Operation("whiteout", "zz"), file("zzz", 5)], [Operation("opaque", "a")]])
@given(images())
def test_equal_to_the_last_digit(layers: list[list[Operation]]) -> None:
    with TemporaryDirectory() as directory:
        ours, dive = both(Path(directory), layers)
    total = sum(len(one.content) for operations in layers for one in operations if one.kind == "file")
    if total:
        assert ours.efficiency == dive["efficiencyScore"]
    assert ours.wasted_bytes == dive["inefficientBytes"]
    theirs = {one["file"].lstrip("/"): one["sizeBytes"] for one in dive["fileReference"]}
    assert ours.inefficient == theirs


@settings(max_examples=80, deadline=None)
@given(_WILD)
def test_equal_where_layers_make_no_sense(layers: list[list[Operation]]) -> None:
    with TemporaryDirectory() as directory:
        try:
            ours, dive = both(Path(directory), layers)
        except ImageError:
            reject()
    if ours.efficiency is not None:
        assert ours.efficiency == dive["efficiencyScore"]
    assert ours.wasted_bytes == dive["inefficientBytes"]


@pytest.mark.parametrize("size", [1, 4096])
def test_the_usual_case(tmp_path: Path, size: int) -> None:
    ours, dive = both(tmp_path, [[file("k", size)], [file("k", size, 0o600)]])
    assert ours.efficiency == dive["efficiencyScore"] == 0.5
    assert ours.wasted_bytes == dive["inefficientBytes"] == 2 * size
