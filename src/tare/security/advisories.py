"""The advisory database: one SQLite file, replaced as a whole, never half-written."""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from tare.core.errors import AdvisoryError
from tare.security.osv import Advisory, Unreadable, parse_advisory

FORMAT = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE advisory (id TEXT PRIMARY KEY, modified TEXT NOT NULL, withdrawn INTEGER NOT NULL, document BLOB NOT NULL);
CREATE TABLE affected (ecosystem TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL);
CREATE INDEX affected_package ON affected (ecosystem, name);
"""


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """What a database holds. `newest` is the latest `modified` of its advisories, `updated` when it was written."""

    path: str
    advisories: int
    withdrawn: int
    ecosystems: tuple[tuple[str, int], ...]
    newest: str
    updated: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    added: int
    updated: int
    unchanged: int
    unreadable: tuple[Unreadable, ...]


class AdvisoryDatabase:
    """Reads a database. Raises `AdvisoryError` where there is none, or it is empty, broken or of another format."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise AdvisoryError(
                "there is no advisory database",
                where=str(path),
                hint="tare db import FILE|DIR, or tare db update where the network allows it",
            )
        self.path = path
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            self._meta = dict(self._connection.execute("SELECT key, value FROM meta"))
            count = self._connection.execute("SELECT count(*) FROM advisory").fetchone()[0]
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise AdvisoryError(
                f"the advisory database is broken: {error}", where=str(path), hint="import it again"
            ) from error
        if self._meta.get("format") != str(FORMAT):
            self._connection.close()
            raise AdvisoryError(
                f"the advisory database has format {self._meta.get('format')}, this version reads {FORMAT}",
                where=str(path),
                hint="update tare, or import again",
            )
        if not count:
            self._connection.close()
            raise AdvisoryError(
                "the advisory database is empty", where=str(path), hint="tare db import FILE|DIR"
            )

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def __enter__(self) -> "AdvisoryDatabase":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def about(self, ecosystem: str, name: str) -> Iterator[Advisory]:
        """The advisories that speak of a package, withdrawn ones too."""
        rows = self._connection.execute(
            "SELECT document FROM advisory WHERE id IN (SELECT id FROM affected WHERE ecosystem = ? AND name = ?) ORDER BY id",
            (ecosystem, normal_name(ecosystem, name)),
        )
        for (document,) in rows:
            yield msgspec.msgpack.decode(document, type=Advisory)

    def ecosystems(self) -> frozenset[str]:
        """Ecosystems with at least one advisory."""
        return frozenset(
            row[0] for row in self._connection.execute("SELECT DISTINCT ecosystem FROM affected")
        )

    def status(self) -> DatabaseStatus:
        """Counts and dates."""
        one = self._connection.execute
        count, withdrawn = one("SELECT count(*), coalesce(sum(withdrawn), 0) FROM advisory").fetchone()
        rows = one(
            "SELECT ecosystem, count(DISTINCT id) FROM affected GROUP BY ecosystem ORDER BY 2 DESC, 1"
        ).fetchall()
        newest = one("SELECT max(modified) FROM advisory").fetchone()[0]
        return DatabaseStatus(
            str(self.path),
            count,
            withdrawn,
            tuple((name, number) for name, number in rows),
            newest,
            self._meta["updated"],
        )

    def advisories(self) -> Iterator[Advisory]:
        """Every advisory, by its ID."""
        for (document,) in self._connection.execute("SELECT document FROM advisory ORDER BY id"):
            yield msgspec.msgpack.decode(document, type=Advisory)


def normal_name(ecosystem: str, name: str) -> str:
    """A package's name as the database keeps it."""
    return canonicalize_name(name) if ecosystem == "PyPI" else name


def import_documents(
    path: Path, documents: Iterable[tuple[str, bytes]], now: datetime | None = None
) -> Imported:
    """Add documents to the database at `path`, which is made where it is missing; an advisory that is there is replaced
    by one that was modified later. The file is replaced at the end, or left as it was. Raises `AdvisoryError`."""
    added = updated = unchanged = 0
    unreadable: list[Unreadable] = []
    with _working_copy(path) as connection:
        known = dict(connection.execute("SELECT id, modified FROM advisory"))
        for name, raw in documents:
            try:
                advisory = parse_advisory(raw, name)
            except AdvisoryError as error:
                unreadable.append(Unreadable(name, error.message))
                continue
            before = known.get(advisory.id)
            if before is not None and before >= advisory.modified:
                unchanged += 1
                continue
            known[advisory.id] = advisory.modified
            added, updated = (added + 1, updated) if before is None else (added, updated + 1)
            _store(connection, advisory)
        if not known:
            raise AdvisoryError("there is no advisory in it", hint="OSV documents are expected, JSON or YAML")
        moment = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('updated', ?)", (moment,))
    return Imported(added, updated, unchanged, tuple(unreadable))


def _store(connection: sqlite3.Connection, advisory: Advisory) -> None:
    connection.execute("DELETE FROM affected WHERE id = ?", (advisory.id,))
    connection.execute(
        "INSERT OR REPLACE INTO advisory VALUES (?, ?, ?, ?)",
        (advisory.id, advisory.modified, advisory.withdrawn is not None, msgspec.msgpack.encode(advisory)),
    )
    pairs = {
        (item.package.ecosystem, normal_name(item.package.ecosystem, item.package.name))
        for item in advisory.affected
        if item.package is not None
    }
    connection.executemany(
        "INSERT INTO affected VALUES (?, ?, ?)",
        [(ecosystem, name, advisory.id) for ecosystem, name in sorted(pairs)],
    )


@contextmanager
def _working_copy(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the database to write to; it takes the original's place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    try:
        with closing(sqlite3.connect(temporary)) as connection:
            if path.exists():
                with AdvisoryDatabase(path) as old:
                    old._connection.backup(connection)
            else:
                connection.executescript(_SCHEMA)
                connection.execute("INSERT INTO meta VALUES ('format', ?)", (str(FORMAT),))
            yield connection
            connection.commit()
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except (sqlite3.DatabaseError, OSError) as error:
        raise AdvisoryError(f"cannot be written: {error}", where=str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
