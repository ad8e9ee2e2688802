"""The final text of reports, at 80 columns with colour off. `python tests/report/test_snapshots.py` writes them anew."""

import sys
import unicodedata
from pathlib import Path

import pytest

from tare.compare import compare_sides
from tare.report import render
from tare.schema.config import ConfigReport, ConfigValue
from tare.schema.context import ContextItem, ContextReport
from tare.schema.finding import Applicability, Saving
from tare.schema.image import ImageFacts, LayerFacts, PackageFacts
from tare.schema.optimize import CostInputs, OptimizeReport, PlanItem, Side
from tare.schema.quantity import estimated, measured, unknown
from tare.schema.report import FileChange, Report
from tare.schema.run import Check, Timings, Verification
from tare.schema.verify import VerifyReport

HERE = Path(__file__).with_name("snapshots")
DIFF = '--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@\n-FROM python:3.11\n+FROM python:3.11-slim\n CMD ["python"]\n'
CHECKS = Verification(
    (
        Check("user", "runs as", True, "user 10001"),
        Check("http", "GET /health", True, "status 200, same answer (15 bytes)"),
        Check("import", "torch\x1b[31m", False, "exit 1"),
        Check("health", "health check", None),
    ),
    True,
)


def saving(disk: float, pull: float) -> Saving:
    return Saving(estimated(pull, pull - abs(pull) * 0.1, pull + abs(pull) * 0.2, "x"), measured(disk, "y"))


def facts(name: str, size: int, user: str) -> ImageFacts:
    return ImageFacts(
        reference=name,
        size_bytes=measured(size),
        compressed_bytes=estimated(size * 0.4, size * 0.38, size * 0.45),
        hidden_bytes=measured(size // 20),
        layers=(LayerFacts("sha256:0", "RUN x", size, None),),
        packages=(PackageFacts("dpkg", "apt", "1", 5), PackageFacts("python", "torch", "2", 7)),
        user=user,
        healthcheck=bool(user),
        entrypoint=(),
        cmd=("python",),
        env=(),
        exposed_ports=(),
        workdir="/app",
    )


def plan() -> tuple[PlanItem, ...]:
    return (
        PlanItem(
            "exec-form", "Start without a shell", "applied", "it stops at once", Applicability.SAFE, None
        ),
        PlanItem(
            "multi-stage",
            "Leave compilers, headers and caches in a builder stage",
            "applied",
            "only the environment and what it needs to run reach the final image; left behind: build-essential, git",
            Applicability.VERIFIED,
            saving(3.1e9, 1.1e9),
        ),
        PlanItem("non-root", "Run without root's rights", "applied", "user 10001", Applicability.VERIFIED, saving(-2048, -900)),
        PlanItem("cpu-torch", "The CPU build of torch", "refused", "a GPU is meant: main.py:3", None, saving(4.9e9, 2.5e9)),
        PlanItem("prune-environment", "Prune", "dropped", "tried, and left out because with it import x: exit 1"),
        PlanItem("version-args", "Name the version once", "not-needed", "nothing to do here"),
    )  # fmt: skip


def optimize(*, built: bool) -> OptimizeReport:
    if built:
        before = Side(facts("before", 6_351_000_000, ""), Timings(345.0, 190.5, 200.0))
        after = Side(facts("after", 1_123_000_000, "10001"), Timings(250.0, 1.4, 61.0))
    else:
        before = Side(estimate=Saving(estimated(2.6e9, 2.1e9, 2.8e9), estimated(6.4e9, 5.9e9, 6.8e9)))
        after = Side(estimate=Saving(estimated(3.9e8, 3.2e8, 4.4e8), unknown("the mirror cannot be reached")))
    return OptimizeReport(
        verb="optimize",
        tool_version="0",
        path="project",
        outcome="optimized" if built else "planned",
        dockerfile=FileChange("Dockerfile", "FROM python:3.11\n", "FROM python:3.11-slim\n", DIFF),
        dockerignore=FileChange(".dockerignore", None, "", ""),
        plan=plan(),
        before=before,
        after=after,
        verification=CHECKS if built else None,
        comparison=compare_sides(before, after, CostInputs()),
        inputs=CostInputs(),
        engine="docker" if built else None,
        work_directory="/tmp/tare-x",
        notes=() if built else ("what line 7 downloads is in no estimate",),
        unattributed=saving(120_000_000, 4e7),
    )


def config() -> ConfigReport:
    return ConfigReport(
        "config", "0", ".", "/work/tare.toml",
        (
            ConfigValue("torch", '"keep"', "file", "/work/tare.toml:1", "TARE_TORCH"),
            ConfigValue("without", "[]", "default", "", "TARE_WITHOUT"),
            ConfigValue("network", '"host"', "flag", "--network", "TARE_NETWORK"),
            ConfigValue("verify.port", "80", "variable", "TARE_VERIFY_PORT", "TARE_VERIFY_PORT"),
        ),
    )  # fmt: skip


def context() -> ContextReport:
    items = (
        ContextItem(".env", 20, "unsafe", "holds a token"),
        ContextItem("data/train.csv", 90_000_000, "unused", "no COPY takes it"),
        ContextItem("main.py", 900, "sent"),
    )
    ignore = FileChange(
        ".dockerignore",
        None,
        "data\n.env\n",
        "--- /dev/null\n+++ b/.dockerignore\n@@ -0,0 +1,2 @@\n+data\n+.env\n",
    )
    return ContextReport("context", "0", ".", 90_000_920, 3, 900, items, ignore)


REPORTS: dict[str, Report] = {
    "optimize-built": optimize(built=True),
    "optimize-planned": optimize(built=False),
    "config": config(),
    "context": context(),
    "verify": VerifyReport("verify", "0", "before", "after", "docker", CHECKS),
}
FILES = [(name, form) for name in REPORTS for form in ("text", "markdown")]


def path_of(name: str, form: str) -> Path:
    return HERE / f"{name}.{'txt' if form == 'text' else 'md'}"


@pytest.mark.parametrize(("name", "form"), FILES)
def test_the_text_is_what_was_looked_at(name: str, form: str) -> None:
    assert render(REPORTS[name], form) == path_of(name, form).read_text("utf-8")


@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_80_columns(name: str) -> None:
    for line in render(REPORTS[name], "text").splitlines():
        columns = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)
        assert columns <= 80, line


if __name__ == "__main__":
    for name, form in FILES:
        path_of(name, form).write_text(render(REPORTS[name], form), "utf-8")
    sys.exit(0)
