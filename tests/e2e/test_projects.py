"""Every project is optimized, built and verified for real, with every engine."""

import shutil
from pathlib import Path

import pytest

from tare import api
from tare.core.events import Event
from tare.dockerfile import parse
from tare.optimize import Options
from tare.rewrite.facts import RewriteSettings
from tare.schema.optimize import OptimizeReport

HERE = Path(__file__).parent
PROJECTS = sorted(path.name for path in (HERE / "projects").iterdir() if path.is_dir())
EXAMPLE = HERE.parent.parent / "examples" / "sklearn-api"


def run(
    project: Path, builder: str, environ: dict[str, str], *, rebuilds: bool = False, may_drop: bool = False
) -> OptimizeReport:
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
    if may_drop:
        return report
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
    savings = [item.saving for item in report.plan if item.status == "applied" and item.saving is not None]
    assert report.unattributed is not None and savings
    freed = [saving.uncompressed_bytes for saving in (*savings, report.unattributed)]
    assert {quantity.basis for quantity in freed} == {"measured"}
    assert sum(quantity.value or 0 for quantity in freed) == sizes[0] - sizes[1]


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


@pytest.mark.engine
def test_finds_the_transforms_that_break_an_application(tmp_path: Path, environ: dict[str, str]) -> None:
    """This one tells whether make is there: nothing that takes it away may stay, and all the rest must."""
    app = (
        "import os\nimport bottle\n\n\n@bottle.get('/')\ndef look():\n"
        "    return {'make': os.path.exists('/usr/bin/make')}\n\n\nbottle.run(host='0.0.0.0', port=8000)\n"
    )
    (tmp_path / "app.py").write_text(app)
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.11\nRUN pip install bottle==0.13.2\nCOPY app.py /srv/app.py\nEXPOSE 8000\nCMD python /srv/app.py\n"
    )
    report = run(tmp_path, "docker", environ, may_drop=True)
    dropped = {item.transform for item in report.plan if item.status == "dropped"}
    assert dropped == {"multi-stage", "slim-base"}
    assert {item.transform for item in report.plan if item.status == "applied"} >= {
        "exec-form",
        "non-root",
        "cache-mounts",
    }
    assert report.verification is not None and report.verification.ok
    assert (tmp_path / "Dockerfile").read_text() == report.dockerfile.after
    assert all("make" in item.reason for item in report.plan if item.status == "dropped")
