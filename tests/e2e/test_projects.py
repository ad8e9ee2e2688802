"""Every project is optimized, built and verified for real, with every engine."""

import shutil
from pathlib import Path

import pytest

from tare import api
from tare.core.events import Event
from tare.dockerfile import parse
from tare.optimize import Options
from tare.rewrite.facts import RewriteSettings
from tare.schema.report import OptimizeReport

HERE = Path(__file__).parent
PROJECTS = sorted(path.name for path in (HERE / "projects").iterdir() if path.is_dir())
EXAMPLE = HERE.parent.parent / "examples" / "sklearn-api"


def run(project: Path, builder: str, environ: dict[str, str], *, rebuilds: bool = False) -> OptimizeReport:
    configuration = api.load_configuration(project)
    log: list[str] = []

    def note(event: Event) -> None:
        log.append(f"{event.level}: {event.message}")

    options = Options(
        write=True, network="host", verify=configuration.verify, rebuilds=rebuilds, environ=environ
    )
    report = api.optimize(
        project, builder=builder, options=options, settings=RewriteSettings(), on_event=note
    )
    dropped = [f"{item.transform}: {item.reason}" for item in report.plan if item.status == "dropped"]
    assert not dropped, "\n".join([*dropped, *log[-80:]])
    return report


@pytest.mark.engine
@pytest.mark.parametrize("name", PROJECTS)
def test_project(name: str, tmp_path: Path, builder: str, environ: dict[str, str]) -> None:
    project = tmp_path / name
    shutil.copytree(HERE / "projects" / name, project)
    before = (project / "Dockerfile").read_text()
    report = run(project, builder, environ)
    after = (project / "Dockerfile").read_text()
    parse(after)
    assert report.verification is not None and report.verification.ok
    if name == "good-multistage":
        assert report.outcome == "unchanged" and after == before
        return
    assert report.outcome == "optimized" and after == report.dockerfile.after != before
    assert report.before.image is not None and report.after.image is not None
    sizes = [side.image.size_bytes.value for side in (report.before, report.after) if side.image]
    assert sizes[1] is not None and sizes[0] is not None and sizes[1] < sizes[0]
    assert report.after.image.user not in ("", "root", "0")


@pytest.mark.engine
def test_example(tmp_path: Path, builder: str, environ: dict[str, str]) -> None:
    project = tmp_path / "sklearn-api"
    shutil.copytree(EXAMPLE, project)
    report = run(project, builder, environ, rebuilds=True)
    assert report.verification is not None and report.verification.ok
    rows = {row.name: row for row in report.comparison}
    disk = rows["size on disk"]
    assert not isinstance(disk.before, str) and not isinstance(disk.after, str)
    assert disk.before.value and disk.after.value and disk.after.value < 0.5 * disk.before.value
    assert report.after.image is not None and report.after.image.healthcheck
    assert report.before.timings is not None and report.after.timings is not None
    assert report.written == ("Dockerfile", ".dockerignore")
    assert (project / ".dockerignore").read_text() == report.dockerignore.after
