"""The model by itself; `tests/e2e/test_cache.py` holds it against the builders."""

from pathlib import Path

import pytest

from tests.e2e.cache_experiments import EXPERIMENTS, Experiment
from tests.e2e.cache_lab import predicted

NAMED = {experiment.name: experiment for experiment in EXPERIMENTS}


def verdicts(experiment: Experiment, root: Path) -> str:
    return "".join(verdict[0] for _, verdict in predicted(experiment, root / "p", "s1", "buildkit"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nothing", "hh"),
        ("content", "mm"),
        ("ENV added above", "hm"),
        ("ARG: declared below", "hh"),
        ("whole context: ignored file", "hh"),
        ("stages: same output", "mmdd"),
        ("stages: copy of a copy", "mmm"),
        ("stages: other file of the builder", "mmmdd"),
        ("stages: unrelated file", "hhhh"),
        ("base: by ARG", "mm"),
    ],
)
def test_verdicts(name: str, expected: str, tmp_path: Path) -> None:
    assert verdicts(NAMED[name], tmp_path) == expected


def test_every_experiment_is_its_own() -> None:
    assert len(NAMED) == len(EXPERIMENTS) >= 104
    assert all(experiment.before.startswith(("FROM", "ARG")) for experiment in EXPERIMENTS)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_without_a_change_nothing_runs_again(experiment: Experiment, tmp_path: Path) -> None:
    still = Experiment(experiment.name, experiment.before, experiment.before, args=(experiment.args[0],) * 2)
    assert set(verdicts(still, tmp_path)) <= {"h"}
