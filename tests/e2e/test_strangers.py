"""A sample of the scoreboard's projects, optimized, built and verified."""

from pathlib import Path

import pytest

from tests.e2e.test_projects import run
from tests.support.strangers import load


def optimized(name: str, tmp_path: Path, builder: str, environ: dict[str, str]) -> float:
    """The share of the bytes that is left; nothing may be dropped, and both images must answer alike."""
    (project,) = load(name)
    project.write(tmp_path)
    report = run(tmp_path, builder, environ)
    assert report.verification is not None and report.verification.ok
    sizes = [side.image.size_bytes.value for side in (report.before, report.after) if side.image]
    assert sizes[0] and sizes[1]
    return sizes[1] / sizes[0]


@pytest.mark.engine
def test_extension_of_the_project(tmp_path: Path, builder: str, environ: dict[str, str]) -> None:
    assert optimized("own-extension", tmp_path, builder, environ) < 0.4


@pytest.mark.engine
def test_stage_that_starts_from_another(tmp_path: Path, environ: dict[str, str]) -> None:
    assert optimized("test-stage-inherits", tmp_path, "docker", environ) < 0.4
