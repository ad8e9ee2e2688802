"""Which engines the end-to-end tests use: all that the test command made ready."""

import os
import shutil

import pytest

ENGINES = ("docker", "buildah")


@pytest.fixture(params=ENGINES)
def builder(request: pytest.FixtureRequest) -> str:
    """The name of an engine; where it is not installed the test is skipped, except for root, who gets it installed."""
    name = str(request.param)
    if shutil.which(name) is None and os.geteuid() != 0:
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture
def environ() -> dict[str, str]:
    """The environment that the engines are looked for in."""
    return dict(os.environ)
