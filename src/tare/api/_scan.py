"""`tare scan` and `tare db` as functions."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from tare import __version__
from tare.core.errors import AdvisoryError, UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.image import analyse, open_image
from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.tarhead import FILE
from tare.schema.scan import DatabaseReport, ScanReport, Unassessed, Vulnerability
from tare.security.advisories import AdvisoryDatabase, import_documents
from tare.security.match import Hit, match
from tare.security.osv import read_documents
from tare.security.ownership import Owned, settle
from tare.security.policy import Policy, PolicyRun, read_policy

DAY_S = 86_400


def default_database(environ: Mapping[str, str]) -> Path:
    """Where the database is when nobody says otherwise (XDG Base Directory specification)."""
    root = environ.get("XDG_DATA_HOME") or str(Path(environ.get("HOME", "/root")) / ".local" / "share")
    return Path(root) / "tare" / "advisories.sqlite"


def scan(
    reference: str,
    *,
    database: Path,
    max_age_days: float | None = None,
    policy: Path | None = None,
    platform: str | None = None,
    environ: Mapping[str, str],
    today: date | None = None,
    on_event: EventSink = null_sink,
) -> ScanReport:
    """Match every package of an image against the database. Nothing asks a network, except to read the image itself.

    Raises `AdvisoryError` where the database is missing, empty, broken or older than `max_age_days`: that is never
    "nothing found".
    """
    chosen = read_policy(policy) if policy is not None else Policy()
    with AdvisoryDatabase(database) as advisories:
        status = advisories.status()
        if max_age_days is not None:
            _check_age(status.updated, max_age_days, database)
        on_event(Event("stage", f"reading {reference}"))
        with open_image(
            reference, platform=platform, docker_host=environ.get("DOCKER_HOST"), on_event=on_event
        ) as image:
            analysis = analyse(image, sample=False, on_event=on_event)
            with Contents(analysis) as contents:
                release = os_release(analysis, contents)
        owned = settle(analysis.packages, release)
        known = advisories.ecosystems()
        hits = match(advisories, [one for one in owned if _covered(one, known)])
    run = PolicyRun(chosen, reference, today or datetime.now(UTC).date(), set())
    found = tuple(_vulnerability(hit, analysis, run) for hit in hits)
    return ScanReport(
        verb="scan",
        tool_version=__version__,
        image=reference,
        database=str(database),
        database_newest=status.newest,
        database_updated=status.updated,
        packages=len(owned),
        assessed=sum(_covered(one, known) for one in owned),
        vulnerabilities=found,
        unassessed=_unassessed(owned, known),
        warnings=run.warnings(),
    )


def _check_age(updated: str, limit_days: float, database: Path) -> None:
    age = (datetime.now(UTC) - datetime.fromisoformat(updated)).total_seconds() / DAY_S
    if age > limit_days:
        raise AdvisoryError(
            f"the advisory database is {age:.1f} days old, more than {limit_days:g}",
            where=str(database),
            hint="tare db update, or tare db import",
        )


def os_release(analysis: Analysis, contents: Contents) -> dict[str, str]:
    """`/etc/os-release` as a mapping (os-release(5)); empty where there is none."""
    for path in ("etc/os-release", "usr/lib/os-release"):
        node = analysis.tree.resolve(path)
        if node is not None and node.inode.entry.kind is FILE:
            text = contents.read(node.inode).decode("utf-8", "replace")
            pairs = (
                line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#")
            )
            return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}
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


def _vulnerability(hit: Hit, analysis: Analysis, run: PolicyRun) -> Vulnerability:
    package = hit.owned.package
    node = analysis.tree.resolve(package.database)
    own = next((n for path in package.files if (n := analysis.tree.resolve(path)) is not None), node)
    layer = own.inode.layer if own is not None and own.inode.place >= 0 else None
    names = {hit.advisory.id, *hit.advisory.aliases}
    severity, score = hit.severity
    return Vulnerability(
        id=hit.advisory.id,
        aliases=tuple(sorted(names - {hit.advisory.id})),
        severity=severity,
        score=score,
        verdict="affected" if hit.answer == "affected" else "unknown",
        manager=package.manager,
        package=package.name,
        version=package.version,
        path="/" + package.database,
        layer=None if layer is None else layer + 1,
        instruction="" if layer is None else analysis.image.layers[layer].instruction,
        fixed_in=hit.fixed_in,
        summary=hit.advisory.summary or " ".join(hit.advisory.details.split())[:200],
        reason=hit.reason,
        ignored=run.ignored(names, package.name, "/" + package.database),
    )


def database_status(path: Path) -> DatabaseReport:
    """What the database holds. Raises `AdvisoryError`."""
    return _described(path)


def database_import(path: Path, sources: tuple[Path, ...]) -> DatabaseReport:
    """Add OSV documents from files, folders and archives. Raises `AdvisoryError`; the database is then as it was."""
    if not sources:
        raise UsageError("name a file or a folder with advisories")
    for source in sources:
        if not source.exists():
            raise UsageError("no such file or directory", where=str(source))
    documents = (document for source in sources for document in read_documents(source))
    done = import_documents(path, documents)
    unreadable = tuple(f"{one.name}: {one.reason}" for one in done.unreadable)
    return _described(path, done.added, done.updated, unreadable)


def _described(
    path: Path, added: int | None = None, replaced: int | None = None, unreadable: tuple[str, ...] = ()
) -> DatabaseReport:
    with AdvisoryDatabase(path) as database:
        status = database.status()
    return DatabaseReport(
        "db",
        __version__,
        status.path,
        status.advisories,
        status.withdrawn,
        status.ecosystems,
        status.newest,
        status.updated,
        added,
        replaced,
        unreadable,
    )
