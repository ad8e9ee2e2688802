"""The cache model against real builders: every experiment is predicted, carried out, and must come out as predicted."""

import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest

from tare import api
from tare.api._cache import Change
from tare.build.cachekeys import Rules
from tare.build.detect import detect
from tare.build.engine import Engine
from tare.cli.verbs.cache import RULES_OF
from tests.e2e.cache_experiments import EXPERIMENTS, Experiment
from tests.e2e.cache_lab import observed, predicted

CLASSIC_STEP = 1 if os.environ.get("TARE_ALL_EXPERIMENTS") else 12
"""The classic builder takes three seconds an experiment: every twelfth, unless all are asked for."""
BUILDKIT_ONLY = re.compile(r"--mount|--link|--chmod|--parents|--exclude|<<")


@pytest.mark.engine
@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_the_model_is_right(
    experiment: Experiment, tmp_path: Path, builder: str, environ: dict[str, str]
) -> None:
    _hold_against(experiment, tmp_path / "p", detect(builder, environ), RULES_OF[builder])


@pytest.mark.engine
@pytest.mark.parametrize(
    "experiment",
    [
        experiment
        for experiment in EXPERIMENTS[::CLASSIC_STEP]
        if not BUILDKIT_ONLY.search(experiment.before + experiment.after)
    ],
    ids=lambda experiment: experiment.name,
)
def test_the_model_is_right_about_the_classic_builder(
    experiment: Experiment, tmp_path: Path, environ: dict[str, str]
) -> None:
    _hold_against(experiment, tmp_path / "p", detect("docker-classic", environ), "classic")


def _hold_against(experiment: Experiment, root: Path, engine: Engine, rules: Rules) -> None:
    salt = f"s{secrets.token_hex(4)}"
    expected = predicted(experiment, root, salt, rules)
    found = observed(experiment, root, salt, engine)
    assert len(found) == len(expected)
    wrong = [
        (step, verdict, real)
        for (step, verdict), real in zip(expected, found, strict=True)
        if verdict not in ("depends", real)
    ]
    assert not wrong


@pytest.mark.engine
def test_measures_every_kind_of_change(tmp_path: Path, builder: str, environ: dict[str, str]) -> None:
    """Since a revision, another base, nothing: the engine does what the model says, and its seconds are there."""
    text = "FROM debian:bookworm-slim AS a\nCOPY one /one\nRUN cp /one /out\n"
    text += "FROM debian:bookworm-slim\nCOPY two /two\nCOPY --from=a /out /out\n"
    (tmp_path / "Dockerfile").write_text(text)
    (tmp_path / "one").write_text("1")
    (tmp_path / "two").write_text(secrets.token_hex(8))
    words = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*words, *command], check=True)
    (tmp_path / "two").write_text(secrets.token_hex(8))
    engine = detect(builder, environ)
    for change, expected in (
        (Change(since="HEAD"), ["hit", "hit", "miss", "miss"]),
        (Change(kinds=("base",)), ["miss", "miss", "miss", "miss"]),
        (Change(kinds=("nothing",)), ["hit", "hit", "hit", "hit"]),
    ):
        report = api.cache(tmp_path, change, rules=RULES_OF[builder], engine=engine, network="none")
        layers = [step for step in report.steps if step.verdict != "none"]
        assert [step.observed for step in layers] == expected, change
        assert [step.elapsed_s.basis for step in layers] == ["measured"] * 4
        assert all(step.verdict in ("depends", step.observed) for step in layers)
    assert (tmp_path / "two").read_text().isalnum(), "the project itself is never touched"
