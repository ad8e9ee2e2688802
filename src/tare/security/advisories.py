"""The advisory database: one SQLite file, replaced as a whole, never half-written."""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from tare.core.errors import AdvisoryError
from tare.security.osv import Advisory, Unreadable, parse_advisory
from tare.security.threats import Exploited, Predicted, Threat, is_threat_list, read_threats

FORMAT = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE advisory (id TEXT PRIMARY KEY, modified TEXT NOT NULL, withdrawn INTEGER NOT NULL, document BLOB NOT NULL);
CREATE TABLE affected (ecosystem TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL);
CREATE INDEX affected_package ON affected (ecosystem, name);
"""
_MORE = """
CREATE TABLE IF NOT EXISTS exploited (cve TEXT PRIMARY KEY, added TEXT NOT NULL, due TEXT NOT NULL, ransomware INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS predicted (cve TEXT PRIMARY KEY, score REAL NOT NULL, percentile REAL NOT NULL);
"""
"""Tables that databases of older versions lack."""


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """What a database holds. `newest` is the latest `modified` of its advisories, `updated` when it was written."""

    path: str
    advisories: int
    withdrawn: int
    ecosystems: tuple[tuple[str, int], ...]
    newest: str
    updated: str
    exploited: int = 0
    predicted: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    added: int
    updated: int
    unchanged: int
    unreadable: tuple[Unreadable, ...]
    threats: int = 0
    """Entries of KEV and EPSS."""


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
            self._meta: dict[str, str] = dict(self._connection.execute("SELECT key, value FROM meta"))
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
        self._has_threats = self._has("exploited"), self._has("predicted")
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
            self._count("exploited"),
            self._count("predicted"),
        )

    def _has(self, table: str) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
        )
        return row.fetchone() is not None

    def _count(self, table: str) -> int:
        if not self._has(table):
            return 0
        return int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def threat(self, names: Iterable[str]) -> Threat:
        """What KEV and EPSS say of a vulnerability by any of its names."""
        exploited: Exploited | None = None
        score: float | None = None
        for name in sorted(names):
            if self._has_threats[0]:
                row = self._connection.execute(
                    "SELECT cve, added, due, ransomware FROM exploited WHERE cve = ?", (name,)
                ).fetchone()
                exploited = exploited or (
                    None if row is None else Exploited(row[0], row[1], row[2], bool(row[3]))
                )
            if self._has_threats[1]:
                row = self._connection.execute(
                    "SELECT score FROM predicted WHERE cve = ?", (name,)
                ).fetchone()
                score = score if row is None else max(score or 0.0, float(row[0]))
        return Threat(exploited, score)

    def threats(self) -> tuple[tuple[Exploited, ...], tuple[Predicted, ...]]:
        """All entries of KEV and EPSS, by CVE."""
        one = self._connection.execute
        known = (
            one("SELECT cve, added, due, ransomware FROM exploited ORDER BY cve")
            if self._has_threats[0]
            else ()
        )
        scored = (
            one("SELECT cve, score, percentile FROM predicted ORDER BY cve") if self._has_threats[1] else ()
        )
        return tuple(Exploited(r[0], r[1], r[2], bool(r[3])) for r in known), tuple(
            Predicted(*row) for row in scored
        )

    def synchronised(self, url: str, ecosystem: str) -> str:
        """The newest change that came from a server for an ecosystem, '' where none did."""
        return self._meta.get(_synchronised_key(url, ecosystem), "")

    def synchronised_ecosystems(self, url: str) -> tuple[str, ...]:
        """Those that were updated from a server."""
        start = _synchronised_key(url, "")
        return tuple(sorted(key[len(start) :] for key in self._meta if key.startswith(start)))

    def advisories(self) -> Iterator[Advisory]:
        """Every advisory, by its ID."""
        for (document,) in self._connection.execute("SELECT document FROM advisory ORDER BY id"):
            yield msgspec.msgpack.decode(document, type=Advisory)


def normal_name(ecosystem: str, name: str) -> str:
    """A package's name as the database keeps it."""
    return canonicalize_name(name) if ecosystem == "PyPI" else name


def _synchronised_key(url: str, ecosystem: str) -> str:
    return f"synchronised {url.rstrip('/')} {ecosystem}"


def import_documents(
    path: Path,
    documents: Iterable[tuple[str, bytes]],
    now: datetime | None = None,
    synchronised: Mapping[tuple[str, str], str] | None = None,
) -> Imported:
    """Add documents to the database at `path`, which is made where it is missing; an advisory that is there is replaced
    by one that was modified later. KEV and EPSS files replace what was there. `synchronised` maps (server, ecosystem) to the
    newest change; it is read after the documents, and not kept where one of them could not be read. The file is replaced at
    the end, or left as it was. Raises `AdvisoryError`."""
    added = updated = unchanged = threats = 0
    unreadable: list[Unreadable] = []
    with _working_copy(path) as connection:
        known = dict(connection.execute("SELECT id, modified FROM advisory"))
        for name, raw in documents:
            try:
                if is_threat_list(name, raw):
                    threats += _store_threats(connection, read_threats(name, raw))
                    continue
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
        rows = [("updated", moment)]
        rows += [
            (_synchronised_key(*key), newest)
            for key, newest in ({} if unreadable else synchronised or {}).items()
        ]
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
    return Imported(added, updated, unchanged, tuple(unreadable), threats)


def _store_threats(connection: sqlite3.Connection, entries: Sequence[Exploited] | Sequence[Predicted]) -> int:
    """A list replaces the one before: an entry that was taken back is gone."""
    if entries and isinstance(entries[0], Exploited):
        connection.execute("DELETE FROM exploited")
        rows = [
            (one.cve, one.added, one.due, one.ransomware) for one in entries if isinstance(one, Exploited)
        ]
        connection.executemany("INSERT OR REPLACE INTO exploited VALUES (?, ?, ?, ?)", rows)
    else:
        connection.execute("DELETE FROM predicted")
        scores = [(one.cve, one.score, one.percentile) for one in entries if isinstance(one, Predicted)]
        connection.executemany("INSERT OR REPLACE INTO predicted VALUES (?, ?, ?)", scores)
    return len(entries)


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
            connection.executescript(_MORE)
            yield connection
            connection.commit()
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except (sqlite3.DatabaseError, OSError) as error:
        raise AdvisoryError(f"cannot be written: {error}", where=str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
