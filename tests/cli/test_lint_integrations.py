"""The pre-commit hooks and the GitHub Action: their files are run as their hosts run them."""

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

from tare.api.dockerfiles import is_dockerfile

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    "Dockerfile",
    "a/Dockerfile",
    "dockerfile",
    "Dockerfile.dev",
    "a/web.Dockerfile",
    "Containerfile",
    "Containerfile.x",
    "Dockerfile.dockerignore",
    "Dockerfiles/readme.md",
    "notes.txt",
    "mydockerfile",
)


@pytest.mark.parametrize("name", NAMES)
def test_hooks_take_the_files_that_a_walk_finds(name: str) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["tare-lint", "tare-lint-fix"]
    for hook in hooks:
        assert bool(re.search(hook["files"], name)) == is_dockerfile(Path(name).name), name
        assert hook["entry"].startswith("tare lint")


def test_the_action_runs(tmp_path: Path) -> None:
    """The step `Lint` with the environment that GitHub gives it, `tare` taken from this environment."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    step = next(step for step in action["runs"]["steps"] if step["name"] == "Lint")
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    (tmp_path / "temp" / "tare").mkdir(parents=True)
    (tmp_path / "temp" / "tare" / "bin").symlink_to(sysconfig.get_path("scripts"))
    environ = {
        **os.environ,
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "PATHS": ".",
        "FAIL_ON": action["inputs"]["fail-on"]["default"],
        "SHELLCHECK": "--no-shellcheck",
        "SARIF": action["inputs"]["sarif-file"]["default"],
        "ARGUMENTS": "--select TR3006",
    }
    assert set(step["env"]) <= set(environ)
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    run = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    assert run.stdout.startswith("::warning file=Dockerfile,line=1,col=6,")
    assert (tmp_path / "tare.sarif").is_file()
    assert "TR3006" in (tmp_path / "summary.md").read_text()
