import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare.compare import compare_sides
from tare.report import formats_of, render
from tare.report.units import duration, safe, size
from tare.schema.finding import Applicability, Saving
from tare.schema.optimize import CostInputs, OptimizeReport, PlanItem, Side
from tare.schema.quantity import estimated
from tare.schema.report import FileChange
from tare.schema.run import Check, Timings, Verification


def report() -> OptimizeReport:
    saving = Saving(estimated(1e9, 9e8, 2e9), estimated(3e9, 2e9, 4e9))
    before = Side(timings=Timings(100.0, 50.0, 60.0), estimate=saving)
    after = Side(
        timings=Timings(50.0, 0.5, 30.0), estimate=Saving(estimated(1e8, 9e7, 2e8), estimated(3e8, 2e8, 4e8))
    )
    plan = (
        PlanItem("slim-base", "Slim", "refused", "it | compiles", None, None),
        PlanItem("cpu-torch", "CPU", "applied", "no GPU", Applicability.VERIFIED, saving),
    )
    change = FileChange("Dockerfile", "FROM a\n", "FROM b\n", "--- a\n+++ b\n-FROM a\n+FROM b\n")
    return OptimizeReport(
        verb="optimize",
        tool_version="0",
        path="p`x",
        outcome="optimized",
        dockerfile=change,
        dockerignore=FileChange(".dockerignore", None, "", ""),
        plan=plan,
        before=before,
        after=after,
        verification=Verification((Check("http", "GET /\x1b[31m", True, "a|b"),), True),
        comparison=compare_sides(before, after, CostInputs()),
        inputs=CostInputs(),
        engine="docker",
    )


@pytest.mark.parametrize("name", formats_of("optimize"))
def test_every_format_carries_plan_numbers_and_checks(name: str) -> None:
    text = render(report(), name)
    assert "cpu-torch" in text and "slim-base" in text and "GET /" in text
    assert "\x1b" not in text and text.endswith("\n")


def test_json_says_how_each_number_is_known() -> None:
    found = json.loads(render(report(), "json"))
    rows = {row["name"]: row for row in found["comparison"]}
    assert rows["size on disk"]["before"]["basis"] == "estimated"
    assert rows["cold build"]["before"] == {
        "basis": "measured",
        "value": 100.0,
        "low": None,
        "high": None,
        "source": "",
    }
    assert rows["layers"]["before"]["basis"] == "unknown"
    assert found["schema_version"] == 1


def test_the_terminal_sorts_by_what_was_applied() -> None:
    text = render(report(), "text")
    assert text.index("cpu-torch") < text.index("slim-base")
    assert "100× faster" in text


def test_what_follows_from_sizes() -> None:
    rows = {row.name: row for row in report().comparison}
    pull = rows["pull at 100 Mbps"].before
    assert not isinstance(pull, str) and pull.value == 80.0
    waiting = rows["team time a day"].after
    assert not isinstance(waiting, str) and waiting.value == 20 * 8.0 + 50 * 0.5


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (1_030_000_000, "1.03 GB"), (181e6, "181 MB")],
)
def test_size(value: float, text: str) -> None:
    assert size(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.14, "0.14 s"), (59.96, "60.0 s"), (245, "4 min 5 s"), (7800, "2 h 10 min")]
)
def test_duration(value: float, text: str) -> None:
    assert duration(value) == text


@given(st.text())
def test_nothing_shown_can_steer_a_terminal(text: str) -> None:
    assert not any(ord(char) < 32 and char not in "\n\t" for char in safe(text))
