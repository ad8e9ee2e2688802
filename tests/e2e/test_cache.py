"""The cache model against real builders: every experiment is predicted, carried out, and must come out as predicted."""

import secrets
from pathlib import Path

import pytest

from tare.build.detect import detect
from tests.e2e.cache_experiments import EXPERIMENTS, Experiment
from tests.e2e.cache_lab import observed, predicted


@pytest.mark.engine
@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_the_model_is_right(
    experiment: Experiment, tmp_path: Path, builder: str, environ: dict[str, str]
) -> None:
    salt = f"s{secrets.token_hex(4)}"
    engine = detect(builder, environ)
    expected = predicted(experiment, tmp_path / "p", salt, "buildkit" if builder == "docker" else "buildah")
    found = observed(experiment, tmp_path / "p", salt, engine)
    assert len(found) == len(expected)
    wrong = [
        (step, verdict, real)
        for (step, verdict), real in zip(expected, found, strict=True)
        if verdict not in ("depends", real)
    ]
    assert not wrong
