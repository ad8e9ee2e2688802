"""Realistic projects as data: applications (`apps.toml`) times the Dockerfiles that people write (`projects/*.toml`).

A project's table: `app`, `dockerfile`, `about`, and optionally `files` (false leaves one of the application's out), `locks`
(file in the project: file in `locks/`), `under` (directory of the application), `git` (whether a `.git` travels along),
`repository` (a bare repository made of the files below `repository/`), `build_args`, `verify` (replaces the application's).
"""

import json
import os
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Project:
    """One project. `files` by path below its directory; `verify` as `tare.toml` has it."""

    name: str
    about: str
    family: str
    files: Mapping[str, str]
    verify: Mapping[str, Any]
    build_args: Mapping[str, str]
    git: bool = False
    repository: str | None = None

    def write(self, directory: Path) -> None:
        """Make the project in an empty or new directory."""
        for path, text in self.files.items():
            place = directory / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
            place.chmod(0o644)
        if self.repository is not None:
            _repository(directory / "repository", directory / self.repository)
        if self.git:
            _commit(directory)


def load(only: str | None = None) -> list[Project]:
    """All projects, by name; `only`: those whose name contains it."""
    apps = tomllib.loads((HERE / "apps.toml").read_text())
    found = [
        _project(name, table, apps[table["app"]], path.stem)
        for path in sorted((HERE / "projects").glob("*.toml"))
        for name, table in tomllib.loads(path.read_text()).items()
    ]
    return [project for project in found if only is None or only in project.name]


def _project(name: str, table: dict[str, Any], app: dict[str, Any], family: str) -> Project:
    under = table.get("under", "").rstrip("/")
    own = table.get("files", {})
    files = {f"{under}/{path}".lstrip("/"): text for path, text in app["files"].items() if path not in own}
    files |= {path: text for path, text in own.items() if text is not False}
    files |= {path: (HERE / "locks" / lock).read_text() for path, lock in table.get("locks", {}).items()}
    files["Dockerfile"] = table["dockerfile"]
    verify = app["verify"] | table.get("verify", {})
    if verify:
        files["tare.toml"] = "".join(f"verify.{key} = {_toml(value)}\n" for key, value in verify.items())
    return Project(
        name,
        table.get("about", app["about"]),
        family,
        files,
        verify,
        table.get("build_args", {}),
        table.get("git", False),
        table.get("repository"),
    )


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def _git(directory: Path, *words: str) -> None:
    author = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com"}
    committer = {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com"}
    environ = os.environ | author | committer
    subprocess.run(["git", "-C", str(directory), *words], check=True, capture_output=True, env=environ)


def _commit(directory: Path) -> None:
    _git(directory, "init", "-q", "-b", "main")
    _git(directory, "add", ".")
    _git(directory, "commit", "-q", "-m", "All")


def _repository(files: Path, bare: Path) -> None:
    _commit(files)
    bare.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(files), str(bare)], check=True, capture_output=True)
    (bare / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    subprocess.run(["rm", "-rf", str(files)], check=True)
