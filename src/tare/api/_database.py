"""`tare db` as functions."""

from collections.abc import Mapping
from pathlib import Path

from tare import __version__
from tare.core.errors import UsageError
from tare.schema.scan import DatabaseReport
from tare.security.advisories import AdvisoryDatabase, import_documents
from tare.security.osv import read_documents


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
