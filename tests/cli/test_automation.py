"""The verbs that other programs call: gate, badge, completion, init, JUnit."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner, Result

from tare.api.configuration import resolve_configuration
from tare.cli.main import VERBS, tare
from tests.support.fleet import app_layers, base_layer
from tests.support.forges import FakeForge, serving_forge
from tests.support.random_image import Operation, layer_tar, write_docker_archive

ROOT = Path(__file__).parents[2]
APP = """
from fastapi import FastAPI
app = FastAPI()

@app.get("/health")
def health():
    return {"ok": True}

@app.post("/predict")
def predict():
    return {}
"""


def run(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(tare, words, catch_exceptions=False, env=environ)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(
        'FROM python:3.11-slim\nCOPY . /app\nRUN pip install -r /app/requirements.txt\nCMD ["uvicorn", "main:app"]\n'
    )
    (tmp_path / "requirements.txt").write_text("fastapi==0.115.0\n")
    (tmp_path / "main.py").write_text(APP)
    return tmp_path


def test_init_sets_what_it_finds_and_every_comment_is_a_valid_key(project: Path) -> None:
    shown = run("init")
    assert shown.exit_code == 0 and not (project / "tare.toml").exists()
    assert run("init", "--write").exit_code == 0
    text = (project / "tare.toml").read_text()
    table = tomllib.loads(text)
    assert table["verify"]["probes"] == [{"path": "/health"}]
    assert resolve_configuration(project).configuration.budget.waste == "50MB"
    head, _, rest = text.partition("\n\n")
    every = "\n".join(line.removeprefix("# ") for line in rest.splitlines())
    (project / "tare.toml").write_text(every)
    found = resolve_configuration(project).configuration
    assert head.startswith("#") and found.verify.port == 8000 and found.costs.images_kept == 30
    assert [probe.path for probe in found.verify.probes] == ["/health", "/predict"]


def test_init_replaces_nothing_without_force(project: Path) -> None:
    (project / "tare.toml").write_text("builder = 'none'\n")
    with pytest.raises(Exception, match="the file exists"):
        run("init", "--write")
    assert (project / "tare.toml").read_text() == "builder = 'none'\n"
    assert run("init", "--write", "--force").exit_code == 0


def test_init_for_ci_writes_valid_yaml(project: Path) -> None:
    assert run("init", "--write", "--ci", "github", "--ci", "gitlab", "--ci", "pre-commit").exit_code == 0
    flow = yaml.safe_load((project / ".github/workflows/tare.yml").read_text())
    steps = flow["jobs"]["gate"]["steps"]
    assert flow["permissions"]["pull-requests"] == "write" and "PATH_OF_PROJECT" not in str(flow)
    for script in [
        steps[-1]["run"],
        *yaml.safe_load((project / ".gitlab/tare.yml").read_text())["tare-gate"]["script"],
    ]:
        subprocess.run(["bash", "-n"], input=script.encode(), check=True)
    hook = yaml.safe_load((project / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"][0]
    assert hook["entry"] == "tare lint"


def test_completion_knows_the_commands_and_their_options() -> None:
    script = run("completion", "bash").stdout
    probe = (
        script
        + '\nCOMP_WORDS=(tare fleet --sched) COMP_CWORD=2\n_tare_completion tare\necho "${COMPREPLY[@]}"\n'
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", probe], capture_output=True, text=True, env={**os.environ, "PATH": path}, check=True
    )
    assert done.stdout.strip() == "--scheduler"
    assert "compdef" in run("completion", "zsh").stdout and "complete" in run("completion", "fish").stdout


def test_the_manual_has_every_command_and_option() -> None:
    page = run("completion", "man").stdout
    for verb in VERBS:
        assert f".SS tare {verb}" in page.replace("\\-", "-")
    assert "\\-\\-fail\\-on" in page
    groff = shutil.which("groff")
    if groff is not None:
        done = subprocess.run(
            [groff, "-man", "-Tutf8", "-ww"], input=page.encode(), capture_output=True, check=True
        )
        assert done.stderr == b"" and b"exceeded" in done.stdout


def image(folder: Path, name: str, extra: int = 0) -> Path:
    more = [layer_tar([Operation("file", "opt/more", b"m" * extra)])] if extra else []
    return write_docker_archive(folder / f"{name}.tar", [base_layer(), *app_layers(1), *more], f"{name}:1")


def inspected(path: Path, *words: str) -> Path:
    done = run("inspect", str(path), "-q", "--no-cache", "--format", "json", *words)
    target = path.with_suffix(".json")
    target.write_text(done.stdout)
    return target


def test_junit_of_budget_and_lint(project: Path) -> None:
    done = run(
        "inspect",
        str(image(project, "a")),
        "-q",
        "--no-cache",
        "--max-size",
        "1kB",
        "--max-layers",
        "9",
        "--format",
        "junit",
    )
    suites = ElementTree.fromstring(done.stdout)
    assert done.exit_code == 1 and (suites.get("tests"), suites.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None] == [
        "budget size"
    ]
    lint = ElementTree.fromstring(run("lint", "--format", "junit", str(project)).stdout)
    failed = [case for case in lint.iter("testcase") if case.find("failure") is not None]
    assert int(lint.get("failures") or 0) == len(failed) > 0 and all(case.get("file") for case in failed)


def test_badges(project: Path) -> None:
    report = inspected(image(project, "a"), "--max-size", "1GB")
    svg = ElementTree.fromstring(run("badge", "size", str(report)).stdout)
    assert svg.tag.endswith("svg") and svg.get("aria-label") == "image: 110 kB"
    assert "within" in run("badge", "budget", str(report), "--label", "<b>").stdout
    assert run("badge", "budget", str(report), "-o", "b.svg").exit_code == 0
    assert "&lt;b&gt;" in run("badge", "budget", str(report), "--label", "<b>").stdout
    scan = {
        "verb": "scan",
        "vulnerabilities": [],
        "unassessed": [{"packages": 3}],
        "checks": ["vulnerabilities"],
    }
    (project / "scan.json").write_text(json.dumps(scan))
    assert "not all assessed" in run("badge", "cves", "scan.json").stdout
    with pytest.raises(Exception, match="a report of scan"):
        run("badge", "size", "scan.json")


def scan_report(
    path: Path, ids: list[tuple[str, str]], checks: tuple[str, ...] = ("vulnerabilities",)
) -> Path:
    rows = [
        {
            "id": id_,
            "severity": level,
            "verdict": "affected",
            "package": "openssl",
            "version": "3",
            "fixed_in": ["4"],
        }
        for id_, level in ids
    ]
    found = {
        "verb": "scan",
        "schema_version": 1,
        "image": "app",
        "vulnerabilities": rows,
        "checks": list(checks),
    }
    path.write_text(json.dumps(found))
    return path


def test_the_gate_stops_new_vulnerabilities_and_budgets(project: Path) -> None:
    before = inspected(image(project, "before"))
    after = inspected(image(project, "after", 70_000), "--max-size", "150kB")
    old = scan_report(project / "old.json", [("CVE-1", "critical")])
    new = scan_report(project / "new.json", [("CVE-1", "critical"), ("CVE-2", "high"), ("CVE-3", "low")])
    done = run(
        "gate", str(after), str(new), "--before", str(before), "--before", str(old), "--format", "json"
    )
    report = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {check["name"]: check["passed"] for check in report["checks"]} == {
        "budget size": False,
        "no new vulnerability of high or worse": False,
    }
    assert [one.split()[1] for one in report["new_vulnerabilities"]] == ["CVE-2", "CVE-3"]
    disk = next(row for row in report["rows"] if row["name"] == "on disk")
    assert disk["after"]["value"] - disk["before"]["value"] == 70_000 and disk["worse"] is True
    assert run("gate", str(old), "--before", str(old)).exit_code == 0
    assert run("gate", str(old)).exit_code == 1  # nothing before: all of them are new
    unseen = scan_report(project / "unseen.json", [], ("secrets",))
    assert run("gate", str(unseen)).exit_code == 1  # not looked for is not none


def test_the_script_of_the_action_reports_both_sides_and_comments_once(project: Path) -> None:
    """The step of gate/action.yml as it stands, against a GitHub on loopback."""
    image(project, "before")
    image(project, "after", 70_000)
    for side in ("base", "head"):
        (project / side).mkdir()
        for name in ("Dockerfile", "requirements.txt", "main.py"):
            shutil.copy(project / name, project / side / name)
    (project / "head" / "Dockerfile").write_text(
        'FROM python:3.11-slim\nCOPY main.py /\nCMD ["python", "/main.py"]\n'
    )
    (project / "event.json").write_text('{"number": 5}')
    (project / "tare.toml").write_text('[budget]\nsize = "150kB"\n')
    step = yaml.safe_load((ROOT / "gate/action.yml").read_text())["runs"]["steps"][1]
    bin_folder = project / "temp" / "tare" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "tare").symlink_to(Path(sys.executable).parent / "tare")
    fake = FakeForge()
    with serving_forge(fake) as url:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(project),
            "RUNNER_TEMP": str(project / "temp"),
            "GITHUB_API_URL": url,
            "GITHUB_REPOSITORY": "team/app",
            "GITHUB_EVENT_PATH": str(project / "event.json"),
            "GITHUB_STEP_SUMMARY": str(project / "summary.md"),
            "GITHUB_TOKEN": "tok",
            "GATE_PATH": "head",
            "GATE_BEFORE_PATH": "base",
            "GATE_AFTER_IMAGE": "after.tar",
            "GATE_BEFORE_IMAGE": "before.tar",
            "GATE_COMMENT": "github",
        }
        assert set(step["env"]) - {"GITHUB_TOKEN"} <= {*environ, "GATE_DB", "GATE_FAIL_ON_NEW", "GATE_KEY"}
        codes = [
            subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=project,
                env=environ,
                capture_output=True,
                text=True,
            )
            for _ in range(2)
        ]
    assert [done.returncode for done in codes] == [1, 1], codes[0].stderr
    assert len(fake.comments) == 1 and "comment unchanged" in codes[1].stderr
    body = fake.bodies()[0]
    assert "1 of 1 checks stop it" in body and "budget size" in body
    assert "| on disk | 110 kB | 180 kB | +70.0 kB, +63 % ▲ |" in body
    assert "steps that a source change runs again | 2 | 1 |" in body
    assert body.partition("\n")[2] == (project / "summary.md").read_text()[: len(body.partition("\n")[2])]


def test_the_gitlab_template_is_valid() -> None:
    job = yaml.safe_load((ROOT / "gate/gitlab.yml").read_text())["tare-gate"]
    subprocess.run(
        ["bash", "-n"], input="\n".join([*job["before_script"], *job["script"]]).encode(), check=True
    )
