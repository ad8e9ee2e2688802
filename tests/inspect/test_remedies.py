"""The table from waste to fixes names things that exist."""

import pytest

from tare.image.catalog import Package
from tare.inspect.remedies import BUILD_TOOL, CAUSES, CLASSES, DUPLICATE, TOOL, package_remedy
from tare.rewrite.registry import TRANSFORMS
from tare.rules.registry import ENTRIES
from tare.schema.inspect import Remedy
from tare.slim.plan import HIDDEN
from tare.slim.registry import STEPS

REMEDIES = [*CAUSES.values(), *CLASSES.values(), BUILD_TOOL, TOOL, DUPLICATE]


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda one: one.title[:30])
def test_names_exist(remedy: Remedy) -> None:
    if remedy.code:
        assert remedy.rule in {entry.name for entry in ENTRIES if entry.code == remedy.code}
    if remedy.transform:
        assert remedy.transform in {transform.name for transform in TRANSFORMS}
    if remedy.slim_step:
        steps = {step.name: step.level.value for step in STEPS} | {HIDDEN: "lossless"}
        assert steps[remedy.slim_step] == remedy.slim_level


def package(name: str, manager: str = "dpkg") -> Package:
    return Package(manager, name, "1", (), None, "")


@pytest.mark.parametrize(
    "name", ["gcc", "gcc-12", "g++-12", "cpp-12", "libssl-dev", "libgcc-12-dev", "libasan8", "binutils"]
)
def test_what_builds(name: str) -> None:
    assert package_remedy(package(name)) is BUILD_TOOL


@pytest.mark.parametrize(
    "name",
    [
        "gcc-12-base",
        "libgcc-s1",
        "libstdc++6",
        "libgomp1",
        "libgfortran5",
        "libc6",
        "python3",
        "libssl3",
        "libctfidf",
    ],
)
def test_what_stays(name: str) -> None:
    assert package_remedy(package(name)) is None
    assert package_remedy(package("gcc", "python")) is None


def test_tools() -> None:
    assert package_remedy(package("git")) is package_remedy(package("vim")) is TOOL
