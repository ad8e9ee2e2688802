"""`tare db` as functions."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tare import __version__
from tare.core.errors import AdvisoryError, UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.schema.scan import DatabaseReport
from tare.security.advisories import AdvisoryDatabase, import_documents
from tare.security.export import export
from tare.security.feed import DEFAULT_URL, MOST_SINGLE, Feed, done_with
from tare.security.osv import read_documents

USUAL = ("PyPI", "Debian", "Alpine")


def default_database(environ: Mapping[str, str]) -> Path:
    """Where the database is when nobody says otherwise (XDG Base Directory specification)."""
    root = environ.get("XDG_DATA_HOME") or str(Path(environ.get("HOME", "/root")) / ".local" / "share")
    return Path(root) / "tare" / "advisories.sqlite"


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


def database_update(
    path: Path,
    ecosystems: Sequence[str] = (),
    *,
    url: str = DEFAULT_URL,
    full: bool = False,
    on_event: EventSink = null_sink,
) -> DatabaseReport:
    """Fetch what changed since the last update, or everything the first time. Without `ecosystems`, those that were updated from
    this server before, else `USUAL`. The database is replaced at the end, or left as it was; a broken download goes on next time.
    Raises `AdvisoryError`, `NetworkError`, `UsageError`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UsageError(f"no URL of a server: {url}", hint=f"such as {DEFAULT_URL}")
    before: dict[str, str] = {}
    if path.exists():
        with AdvisoryDatabase(path) as database:
            wanted = tuple(ecosystems) or database.synchronised_ecosystems(url) or USUAL
            before = {name: "" if full else database.synchronised(url, name) for name in wanted}
    else:
        before = dict.fromkeys(tuple(ecosystems) or USUAL, "")
    newest: dict[tuple[str, str], str] = {}
    archives: list[Path] = []
    timeout = httpx.Timeout(60.0, connect=15.0)
    with httpx.Client(
        timeout=timeout, follow_redirects=True, headers={"User-Agent": f"tare/{__version__}"}
    ) as client:
        feed = Feed(url, client, path.parent / "downloads", on_event)

        def documents() -> Iterator[tuple[str, bytes]]:
            for name, since in before.items():
                on_event(Event("stage", f"advisories of {name}"))
                changes = feed.changes(name, since)
                if changes:
                    newest[url, name] = changes[0].modified
                elif since:
                    newest[url, name] = since
                if since and len(changes) <= MOST_SINGLE:
                    yield from feed.documents(name, changes)
                else:
                    archives.append(feed.archive(name))
                    yield from read_documents(archives[-1])

        try:
            done = import_documents(path, documents(), synchronised=newest)
        except AdvisoryError:
            for part in archives:
                done_with(part)  # what cannot be read is not read again
            raise
    for part in archives:
        done_with(part)
    unreadable = tuple(f"{one.name}: {one.reason}" for one in done.unreadable)
    return _described(path, done.added, done.updated, unreadable)


def database_export(path: Path, target: Path) -> DatabaseReport:
    """Write everything as one zip for `database_import`. Raises `AdvisoryError`, `OutputError`."""
    with AdvisoryDatabase(path) as database:
        export(database, target)
    return _described(path)


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
        status.exploited,
        status.predicted,
    )
