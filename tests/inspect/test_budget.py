"""Limits: each holds or fails by its own figure, and an unknown figure never passes."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tare import api
from tare.api._inspect import BudgetInputs
from tare.core.errors import UsageError
from tare.inspect.budget import Baseline, Budget
from tare.inspect.settings import BudgetSettings
from tare.report import render
from tare.schema.inspect import InspectReport
from tare.schema.quantity import measured, unknown
from tests.inspect.pictures import file
from tests.support.random_image import layer_tar, write_docker_archive


@pytest.fixture
def archive(tmp_path: Path) -> str:
    layers = [[file("opt/models/a.bin", b"m" * 9000), file("k", b"1" * 1000)], [file("k", b"2" * 1000)]]
    return (
        f"docker-archive:{write_docker_archive(tmp_path / 'image.tar', [layer_tar(one) for one in layers])}"
    )


def checked(archive: str, **settings: object) -> InspectReport:
    return api.inspect(archive, budget=BudgetInputs(BudgetSettings(**settings)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "passed"),
    [
        ({"size": 11_000}, True),
        ({"size": "10.9kB"}, False),
        ({"layers": 2}, True),
        ({"layers": 1}, False),
        ({"waste": "1kB"}, True),
        ({"waste": 999}, False),
        ({"efficiency": "90%"}, True),
        ({"efficiency": 0.92}, False),
        ({"pull": "1MB"}, True),
        ({"pull": 10}, False),
        ({"paths": {"opt/models/**": "9kB"}}, True),
        ({"paths": {"/opt/models": 8999}}, False),
        ({"paths": {"opt/*.bin": 1}}, True),
        ({"paths": {"k": 500}}, False),
    ],
)
def test_each_limit(archive: str, settings: dict[str, object], passed: bool) -> None:
    report = checked(archive, **settings)
    assert [check.passed for check in report.budget] == [passed]
    assert report.within_budget is passed
    assert any(one.name == "budget-exceeded" for one in report.findings) is not passed


def test_an_unknown_pull_fails(archive: str) -> None:
    report = replace(checked(archive), compressed_bytes=unknown("not sampled"))
    (check,) = Budget(BudgetSettings(pull="1GB"), {"pull": "--max-pull"}).check(report, ())
    assert check.passed is None and "unknown" in check.reason and check.origin == "--max-pull"
    assert not replace(report, budget=(check,)).within_budget


def test_growth_against_a_report_and_an_image(archive: str, tmp_path: Path) -> None:
    first = tmp_path / "before.json"
    first.write_text(render(checked(archive), "json"))
    assert checked(archive, baseline=str(first)).within_budget
    assert checked(archive, baseline=archive).within_budget
    small = write_docker_archive(tmp_path / "small.tar", [layer_tar([file("a", b"1" * 9000)])])
    grown = checked(archive, baseline=f"docker-archive:{small}")
    assert {check.name for check in grown.budget if not check.passed} == {"growth size", "growth waste"}
    assert checked(archive, baseline=f"docker-archive:{small}", growth="2kB").within_budget
    assert checked(archive, baseline=f"docker-archive:{small}", growth="20%").within_budget is False


def test_pulls_are_compared_where_both_were_measured(archive: str) -> None:
    report = replace(checked(archive), compressed_bytes=measured(110, ""))
    budget = Budget(BudgetSettings(growth="5%"), {})
    names = {
        check.name: check.passed
        for check in budget.check(report, (), Baseline("b", 10**6, measured(100), 10**6))
    }
    assert names["growth pull"] is False


@pytest.mark.parametrize(
    "text", ["{}", '{"verb": "slim"}', "{", '{"verb": "inspect", "schema_version": 99}', "{\xff"]
)
def test_a_broken_baseline_is_one_error(archive: str, tmp_path: Path, text: str) -> None:
    broken = tmp_path / "x.json"
    broken.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match="not a report"):
        checked(archive, baseline=str(broken))


def test_settings_are_strict() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"sise": 1}, BudgetSettings)
    with pytest.raises(UsageError, match="no size"):
        Budget(BudgetSettings(size="huge"), {"size": "tare.toml:2"})
