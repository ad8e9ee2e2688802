"""Every project of the scoreboard is planned: valid, settled after one run, and split where it can be."""

from pathlib import Path
from typing import Any

import dockerfile as buildkit
import pytest

from tare.optimize import read_workplace
from tare.rewrite.engine import rewrite
from tare.rewrite.facts import RewriteSettings
from tare.rewrite.registry import TRANSFORMS
from tests.support.strangers import load

PROJECTS = load()
WHOLE = {"debian-apt-python-packages", "two-stages-user"}
"""Nothing is installed by pip, or it was in another stage already."""


def test_there_are_enough() -> None:
    assert len(PROJECTS) >= 40
    assert len({project.name for project in PROJECTS}) == len(PROJECTS)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: str(project.name))
def test_plan(project: Any, tmp_path: Path) -> None:
    project.write(tmp_path)
    place = read_workplace(tmp_path, None, RewriteSettings())
    result = rewrite(place.text, place.facts, TRANSFORMS)
    assert buildkit.parse_string(result.text)
    assert not [step.reason for step in result.steps if "its edits" in step.reason]
    assert rewrite(result.text, place.facts, TRANSFORMS).text == result.text
    assert ("multi-stage" in result.applied) == (project.name not in WHOLE), [
        step.reason for step in result.steps if step.transform == "multi-stage"
    ]
