"""`tare scan` as a function."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from tare import __version__
from tare.api.scan_hardening import weakness
from tare.api.scan_plan import Planning, planned
from tare.api.scan_secrets import secret, secrets_of_image, secrets_of_project
from tare.api.scan_vulnerabilities import names_of, vulnerability
from tare.core.errors import AdvisoryError, UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.image import analyse, open_image
from tare.image.analysis import Analysis
from tare.image.catalog import CATALOGS
from tare.image.contents import Contents
from tare.image.reference import Transport, parse_reference
from tare.image.tarhead import FILE
from tare.knowledge.index_settings import index_settings_from_pip
from tare.report.units import safe
from tare.schema.report import FileChange
from tare.schema.scan import (
    BundledLibrary,
    PlannedChange,
    ScanReport,
    Secret,
    SecretsRead,
    Unassessed,
    Vulnerability,
    Weakness,
)
from tare.security.advisories import AdvisoryDatabase
from tare.security.hardening import Facts, weaknesses
from tare.security.match import match
from tare.security.native import bundled
from tare.security.ownership import Owned, settle
from tare.security.policy import Policy, PolicyRun, read_policy
from tare.security.release import RELEASE_FILES, parse_release
from tare.security.secrets.proof import HashLists
from tare.security.severity import LEVELS
from tare.security.vex import Statement, read_vex

DAY_S = 86_400
_LEVELS: Mapping[str, int] = {name: place for place, name in enumerate(LEVELS)}
CHECKS = ("vulnerabilities", "secrets", "hardening")


def scan(
    reference: str,
    *,
    database: Path,
    checks: Sequence[str] = (),
    max_age_days: float | None = None,
    policies: Sequence[Path] = (),
    vex: Sequence[Path] = (),
    platform: str | None = None,
    offline: bool = False,
    plan: bool = False,
    fix: Path | None = None,
    environ: Mapping[str, str],
    today: date | None = None,
    on_event: EventSink = null_sink,
) -> ScanReport:
    """Look for what an image is open to: vulnerabilities of its packages, secrets in its layers and configuration, and settings
    that help an intruder. Of a directory or a Dockerfile, secrets in the Dockerfiles and in what the build would send. Nothing
    asks a network, except to read the image itself; `offline` refuses images that are behind a socket, an engine's too.
    `plan` adds the changes that remove vulnerabilities, checked with the package index unless `offline`; `fix` is the project
    whose requirement files and Dockerfiles are edited accordingly.

    `checks` are all where none is named. Raises `AdvisoryError` where the database is missing, empty, broken or older than
    `max_age_days`: that is never "nothing found". Raises `UsageError`, `ImageError`.
    """
    for name in checks:
        if name not in CHECKS:
            raise UsageError(f"there is no check {name}", hint=f"some of {', '.join(CHECKS)}")
    statements = tuple(statement for path in vex for statement in read_vex(path))
    rules = tuple(entry for path in policies for entry in read_policy(path).ignore)
    run = PolicyRun(Policy(rules), reference, today or datetime.now(UTC).date(), set(), not checks)
    if offline:
        _check_offline(reference)
    if is_project(reference):
        return _scan_project(reference, checks, run, on_event)
    made = tuple(checks) or CHECKS
    if "vulnerabilities" not in made:
        return _scan_image(reference, None, made, run, statements, platform, environ, on_event)
    with AdvisoryDatabase(database) as advisories:
        _check_age(advisories.status().updated, max_age_days, database)
        index = None if offline else index_settings_from_pip(environ)
        planning = Planning(index, fix, environ) if plan or fix is not None else None
        return _scan_image(
            reference, advisories, made, run, statements, platform, environ, on_event, planning
        )


def _check_offline(reference: str) -> None:
    parsed = parse_reference(reference)
    behind = parsed.transport in (Transport.DOCKER_DAEMON, Transport.REGISTRY)
    if behind or (
        parsed.transport is Transport.AUTO
        and reference != "-"
        and not Path(reference.partition(":")[0]).exists()
    ):
        raise UsageError(
            "the image is behind a socket",
            where=reference,
            hint="save it: docker save -o image.tar NAME, then tare scan --offline image.tar",
        )


def is_project(reference: str) -> bool:
    """Whether a reference is a project's directory or a Dockerfile, and no image."""
    path = Path(reference)
    if path.is_dir():
        return not any((path / name).exists() for name in ("oci-layout", "index.json", "manifest.json"))
    return (path.is_file() and "dockerfile" in path.name.lower()) or path.name == "Containerfile"


def _scan_project(reference: str, checks: Sequence[str], run: PolicyRun, on_event: EventSink) -> ScanReport:
    if set(checks) - {"secrets"}:
        raise UsageError(
            "a project has no installed packages and no layers",
            where=reference,
            hint="build it and scan the image, or --only secrets",
        )
    on_event(Event("stage", f"reading {reference}"))
    found, read = secrets_of_project(Path(reference))
    secrets = sorted((secret(one, run) for one in found), key=_secret_order)
    return ScanReport(
        "scan",
        __version__,
        reference,
        "",
        "",
        "",
        0,
        0,
        (),
        (),
        run.warnings(),
        ("secrets",),
        tuple(secrets),
        read,
    )


def _scan_image(
    reference: str,
    advisories: AdvisoryDatabase | None,
    checks: tuple[str, ...],
    run: PolicyRun,
    vex: tuple[Statement, ...],
    platform: str | None,
    environ: Mapping[str, str],
    on_event: EventSink,
    planning: Planning | None = None,
) -> ScanReport:
    on_event(Event("stage", f"reading {reference}"))
    secrets: list[Secret] = []
    weak: list[Weakness] = []
    read: SecretsRead | None = None
    with open_image(
        reference, platform=platform, docker_host=environ.get("DOCKER_HOST"), on_event=on_event
    ) as image:
        analysis = analyse(image, sample=False, catalogs=(*CATALOGS, HashLists()), on_event=on_event)
        with Contents(analysis) as contents:
            release = os_release(analysis, contents)
            carried = bundled(analysis, contents) if advisories is not None else ()
            if "secrets" in checks:
                on_event(Event("stage", "looking for secrets in all layers"))
                located, read = secrets_of_image(analysis, contents)
                secrets = sorted((secret(one, run) for one in located), key=_secret_order)
            if "hardening" in checks:
                there = weaknesses(Facts(analysis, contents))
                weak = sorted((weakness(one, analysis, run) for one in there), key=_order)
    owned = settle(analysis.packages, release)
    known = frozenset[str]() if advisories is None else advisories.ecosystems()
    hits = () if advisories is None else match(advisories, [one for one in owned if _covered(one, known)])
    status = None if advisories is None else advisories.status()
    found: tuple[Vulnerability, ...] = ()
    if advisories is not None:
        found = tuple(
            vulnerability(hit, analysis, run, vex, advisories.threat(names_of(hit)), release) for hit in hits
        )
    changes: tuple[PlannedChange, ...] | None = None
    files: tuple[FileChange, ...] = ()
    if planning is not None and advisories is not None:
        on_event(Event("stage", "planning changes"))
        counted = [hit for hit, one in zip(hits, found, strict=True) if not one.ignored]
        changes, files = planned(planning, advisories, counted, analysis)
    return ScanReport(
        verb="scan",
        tool_version=__version__,
        image=reference,
        database="" if status is None else status.path,
        database_newest="" if status is None else status.newest,
        database_updated="" if status is None else status.updated,
        packages=len(owned),
        assessed=sum(_covered(one, known) for one in owned),
        vulnerabilities=found,
        unassessed=() if advisories is None else (*_unassessed(owned, known), *_broken(analysis)),
        warnings=run.warnings(),
        checks=checks,
        secrets=tuple(secrets),
        secrets_read=read,
        hardening=tuple(weak),
        bundled=tuple(
            BundledLibrary(
                one.name,
                one.version,
                safe(one.path),
                safe(one.owner),
                safe(one.owner_version),
                safe(one.text),
            )
            for one in carried
        ),
        plan=changes,
        changed_files=files,
    )


def _secret_order(found: Secret) -> tuple[int, str, str, int]:
    return _LEVELS[found.severity], found.place, found.path, found.line or 0


def _order(found: Weakness) -> tuple[int, str, tuple[str, ...]]:
    return _LEVELS[found.severity], found.code, found.paths


def _broken(analysis: Analysis) -> tuple[Unassessed, ...]:
    """Package databases that could not be read: their packages are not known, and not absent."""
    return tuple(
        Unassessed(problem.where or "a package database", 0, problem.message) for problem in analysis.problems
    )


def _check_age(updated: str, limit_days: float | None, database: Path) -> None:
    age = (datetime.now(UTC) - datetime.fromisoformat(updated)).total_seconds() / DAY_S
    if age < -1:
        raise AdvisoryError(
            f"the advisory database is from {updated[:10]}, which lies ahead",
            where=str(database),
            hint="check this machine's clock",
        )
    if limit_days is not None and age > limit_days:
        raise AdvisoryError(
            f"the advisory database is {age:.1f} days old, more than {limit_days:g}",
            where=str(database),
            hint="tare db update, or tare db import",
        )


def os_release(analysis: Analysis, contents: Contents) -> dict[str, str]:
    """`/etc/os-release` as a mapping (os-release(5)); empty where there is none."""
    for path in RELEASE_FILES:
        node = analysis.tree.resolve(path)
        if node is not None and node.inode.entry.kind is FILE:
            return parse_release(contents.read(node.inode).decode("utf-8", "replace"))
    return {}


def _covered(owned: Owned, known: frozenset[str]) -> bool:
    return bool(owned.ecosystem) and bool({owned.ecosystem, owned.ecosystem.partition(":")[0]} & known)


def _unassessed(owned: tuple[Owned, ...], known: frozenset[str]) -> tuple[Unassessed, ...]:
    counts: dict[tuple[str, str], int] = {}
    for one in owned:
        if _covered(one, known) or one.reason == "part of a system package":
            continue
        reason = one.reason or "the database has no advisories for it"
        key = (one.ecosystem or one.package.manager, reason)
        counts[key] = counts.get(key, 0) + 1
    return tuple(Unassessed(name, count, reason) for (name, reason), count in sorted(counts.items()))
