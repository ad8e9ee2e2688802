"""`tare scan --plan` and `--fix`: from hits to checked changes, to edits of a project."""

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tare.api.dockerfiles import find_dockerfiles
from tare.core.errors import UsageError
from tare.core.io import write_all
from tare.image.analysis import Analysis
from tare.knowledge.index_settings import IndexSettings
from tare.schema.quantity import measured, unknown
from tare.schema.report import FileChange
from tare.schema.scan import PackageChange, PlannedChange
from tare.security.advisories import AdvisoryDatabase
from tare.security.match import Hit
from tare.security.plan import Change, plan
from tare.security.plan.edits import write
from tare.security.plan.environment import environments
from tare.security.plan.resolving import check_all, solver
from tare.security.severity import LEVELS


@dataclass(frozen=True, slots=True)
class Planning:
    """What a plan is made with: the index to ask (None: it is not asked), and the project to edit (None: none)."""

    index: IndexSettings | None
    project: Path | None
    environ: Mapping[str, str]


def planned(
    planning: Planning, database: AdvisoryDatabase, hits: Sequence[Hit], analysis: Analysis
) -> tuple[tuple[PlannedChange, ...], tuple[FileChange, ...]]:
    """The plan for the hits that count, and the files that were edited. Raises `UsageError`, `OutputError`."""
    changes = plan(database, hits, analysis)
    if planning.index is not None:
        known = environments(analysis.packages, analysis.files)
        platform = str(analysis.image.config.platform) or "linux/amd64"
        changes = check_all(changes, known, solver(planning.index, planning.environ), platform)
    found = tuple(_reported(change) for change in changes)
    if planning.project is None:
        return found, ()
    texts = _texts(planning.project)
    written = write(texts, changes)
    write_all({Path(path): text for path, text in written.texts.items()})
    why = {id(change): reason for change, reason in written.missed}
    found = tuple(
        replace(one, written=why.get(id(change), "")) for one, change in zip(found, changes, strict=True)
    )
    return found, tuple(_file(path, texts[path], text) for path, text in sorted(written.texts.items()))


def _reported(change: Change) -> PlannedChange:
    levels = [hit.severity[0] for hit in change.gone]
    return PlannedChange(
        kind=change.kind,
        place=f"/{change.site}" if change.site else change.ecosystem,
        packages=tuple(PackageChange(*one) for one in change.packages),
        gone=tuple(sorted({hit.advisory.id for hit in change.gone})),
        severities=tuple((level, levels.count(level)) for level in LEVELS if level in levels),
        left=tuple(sorted({hit.advisory.id for hit in change.left})),
        saved=unknown("another version has another size")
        if change.saved_bytes is None
        else measured(change.saved_bytes, "file bytes of the package"),
        check=change.check.status,
        reason=change.check.reason,
    )


def _texts(project: Path) -> dict[str, str]:
    """Requirement files and Dockerfiles of a project's directory, and one level below, by path."""
    if not project.is_dir():
        raise UsageError("not a directory", where=str(project), hint="--fix DIRECTORY names the project")
    lists = sorted(
        {*project.glob("*requirements*.txt"), *project.glob("requirements/*.txt")}, key=_usual_first
    )
    files = [one for one in (*lists, *find_dockerfiles([project])) if isinstance(one, Path)]
    texts = {}
    for path in files:
        try:
            with path.open(encoding="utf-8", newline="") as handle:
                texts[os.fspath(path)] = handle.read()
        except UnicodeDecodeError as error:
            raise UsageError("not UTF-8", where=str(path), hint="save the file as UTF-8") from error
    return texts


def _usual_first(path: Path) -> tuple[bool, str]:
    return path.name != "requirements.txt", str(path)


def _file(path: str, before: str, after: str) -> FileChange:
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), path, path)
    return FileChange(path, before, after, "".join(lines))
