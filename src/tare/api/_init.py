"""`tare init` as a function."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from tare import __version__
from tare.api.dockerfiles import find_dockerfiles
from tare.core.errors import UsageError
from tare.core.io import write_all
from tare.optimize.project import Workplace, read_workplace
from tare.rewrite.facts import RewriteSettings
from tare.schema.init import InitReport
from tare.schema.report import FileChange

Ci = Literal["github", "gitlab", "pre-commit"]
_PRE_COMMIT = """# pre-commit install; then every commit checks its Dockerfiles
repos:
  - repo: local
    hooks:
      - id: tare-lint
        name: tare lint
        entry: tare lint
        language: python
        additional_dependencies: [tare-image]
        files: (?i)(^|/)(dockerfile|containerfile)(\\.(?!dockerignore$)[^/]*)?$
        require_serial: true
"""
_GITHUB = """# One comment on every pull request: size, waste, rebuilds; stopped where [budget] of tare.toml does not hold.
name: tare
on: pull_request
permissions:
  contents: read
  pull-requests: write
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.base_ref }}
          path: .tare-before
      - run: pipx install tare-image
      - name: gate
        env:
          GITHUB_TOKEN: ${{ github.token }}
          GATE_COMMENT: github
          GATE_PATH: PATH_OF_PROJECT
          # GATE_AFTER_IMAGE: docker://registry.example.com/app:${{ github.sha }}   # instead of building it here
          # GATE_DB: advisories.sqlite                                             # adds vulnerabilities
        run: |
          mv .tare-before "$RUNNER_TEMP/before"   # it is no part of the build context
          export GATE_BEFORE_PATH="$RUNNER_TEMP/before/PATH_OF_PROJECT"
          tare gate --script > "$RUNNER_TEMP/gate.sh"
          bash "$RUNNER_TEMP/gate.sh"
"""
_GITLAB = """# include: this file from .gitlab-ci.yml; GITLAB_TOKEN is a masked variable with the scope api.
tare-gate:
  stage: test
  image: docker:27
  services: [docker:27-dind]
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GATE_PATH: PATH_OF_PROJECT
    GATE_COMMENT: gitlab
    GIT_DEPTH: "0"
  before_script:
    - apk add --no-cache bash git python3 py3-pip
    - python3 -m venv /opt/tare && /opt/tare/bin/pip install --quiet tare-image
    - git fetch --quiet origin "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - git worktree add --quiet /tmp/before FETCH_HEAD
  script:
    - export PATH="/opt/tare/bin:$PATH" GATE_BEFORE_PATH="/tmp/before/$GATE_PATH"
    - tare gate --script > /tmp/gate.sh
    - bash /tmp/gate.sh
"""
_FILES: dict[str, tuple[str, str]] = {
    "github": (".github/workflows/tare.yml", _GITHUB),
    "gitlab": (".gitlab/tare.yml", _GITLAB),
    "pre-commit": (".pre-commit-config.yaml", _PRE_COMMIT),
}


def init(
    path: Path,
    *,
    dockerfile: Path | None = None,
    ci: Sequence[Ci] = (),
    write: bool = False,
    force: bool = False,
) -> InitReport:
    """A commented `tare.toml` from what the project shows, and CI files by name.

    Everything that was found is set; everything else stands there as a comment with its default. Nothing is written without
    `write`, and nothing that exists is replaced without `force`. Raises `TareError`.
    """
    place = read_workplace(path, dockerfile or _only_dockerfile(path), RewriteSettings())
    found: list[str] = []
    texts = {"tare.toml": _configuration(place, found)}
    inside = path.as_posix() if not path.is_absolute() else "."
    for name in ci:
        file, text = _FILES[name]
        texts[file] = text.replace("/PATH_OF_PROJECT", "" if inside == "." else f"/{inside}").replace(
            "PATH_OF_PROJECT", inside
        )
    root = Path() if not path.is_absolute() else path
    targets = {file: (path if file == "tare.toml" else root) / file for file in texts}
    changes = tuple(_change(targets[file], text) for file, text in texts.items())
    if write:
        for change in changes:
            if change.before is not None and change.before != change.after and not force:
                raise UsageError(
                    "the file exists",
                    where=change.path,
                    hint="--force replaces it; without --write it is shown",
                )
        for change in changes:
            Path(change.path).parent.mkdir(parents=True, exist_ok=True)
        write_all({Path(change.path): change.after for change in changes if change.before != change.after})
    return InitReport("init", __version__, str(path), tuple(found), changes, write)


def _only_dockerfile(path: Path) -> Path | None:
    """The one Dockerfile of a project that has none in the usual place. Raises `UsageError` where there are several."""
    if not path.is_dir() or (path / "Dockerfile").is_file():
        return None
    files = [one for one in find_dockerfiles([path]) if isinstance(one, Path)]
    if len(files) > 1:
        names = ", ".join(str(one) for one in files[:5])
        raise UsageError(
            "several Dockerfiles, and none in the usual place",
            where=str(path),
            hint=f"choose with --file: {names}",
        )
    return files[0] if files else None


def _change(path: Path, text: str) -> FileChange:
    try:
        before = path.read_text("utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error
    diff = "".join(
        difflib.unified_diff(
            (before or "").splitlines(keepends=True), text.splitlines(keepends=True), str(path), str(path)
        )
    )
    return FileChange(str(path), before, text, diff)


def _configuration(place: Workplace, found: list[str]) -> str:
    """The file, and what was found for it."""
    project = place.project
    lines = [
        "# tare's configuration. `tare config show` tells every key, its value and where that came from.",
        "",
        '# builder = "auto"                     # docker, buildah, podman, none',
        '# network = "host"                     # of builds; else the builder\'s own choice',
        "# without = []                         # transforms to leave out, by name",
    ]
    lines += _torch(place, found)
    lines += ["", "[verify]                               # what must be the same before and after"]
    ports = sorted({port for port, _, _ in project.ports})
    if len(ports) == 1:
        number, file, line = project.ports[0]
        found.append(f"port {number} ({file}:{line})")
        lines.append(f"port = {number:<31} # {file}:{line}")
    else:
        lines.append(
            "# port = 8000                          # else the start command's, the exposed one, the source's"
        )
    lines += [
        "# startup_timeout_s = 120",
        '# commands = ["python -m myapp --self-test"]',
        '# imports = ["torch"]                  # else all that the application imports',
        "# env = {}                             # variables that it needs to start",
    ]
    lines += _probes(place, found)
    lines += [
        "",
        "[budget]                               # tare inspect and tare gate exit with 1 beyond it",
        '# size = "1.5GB"                       # file bytes of all layers',
        '# pull = "600MB"                       # what a first pull moves',
        "# layers = 20",
        'waste = "50MB"                         # hidden under later layers, and further copies',
        '# efficiency = "95%"',
        "",
        "[lint]",
        '# fail_on = "warning"                  # error, warning, info, style, never',
        "# ignore = []                          # codes, beginnings of codes, names",
        "# trusted_registries = []",
        "",
        "[costs]                                # what comparisons compute money and time from",
        "# deployments_per_day = 20",
        "# builds_per_day = 50",
        "# images_kept = 30",
        "# storage_usd_per_gb_month = 0.10",
        "# pull_mbps = [100, 1000]",
    ]
    return "\n".join(lines) + "\n"


def _torch(place: Workplace, found: list[str]) -> Iterable[str]:
    hints = place.project.gpu_hints
    if hints:
        first = hints[0]
        found.append(f"GPU: {first.value} ({first.path}:{first.line})")
        where = _comment(f"{first.value} ({first.path}:{first.line})")
        yield f'torch = "keep"                         # a GPU is asked for: {where}'
    else:
        yield '# torch = "auto"                       # the CPU build where nothing asks for a GPU; or "keep"'


def _probes(place: Workplace, found: list[str]) -> Iterable[str]:
    for app in place.project.web_apps[:1]:
        found.append(f"{app.framework} application {app.target} ({app.path}:{app.line})")
    health = place.project.health
    if health is not None:
        found.append(f"health route {health.url} ({health.path}:{health.line})")
        yield ""
        yield f"[[verify.probes]]                      # {_comment(f'{health.path}:{health.line}')}"
        yield f"path = {msgspec.json.encode(health.url).decode()}"
    posts = [route for route in place.project.routes if "POST" in route.methods and route.certain]
    for route in posts[:3]:
        found.append(f"route {route.url}, which needs a body ({route.path}:{route.line})")
        yield ""
        yield f"# [[verify.probes]]                    # {_comment(f'{route.path}:{route.line}')}; fill the body in"
        yield f"# path = {msgspec.json.encode(route.url).decode()}"
        yield '# method = "POST"'
        yield "# body = '{}'"
        yield '# headers = { "Content-Type" = "application/json" }'


def _comment(text: str) -> str:
    """A stranger's words in a comment: one line."""
    return "".join(char if char.isprintable() else "?" for char in text)
