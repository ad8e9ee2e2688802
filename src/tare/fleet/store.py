"""The fleet's store: one SQLite file. Every result is committed when it arrives, so that a killed run loses what was in
flight and nothing else; facts belong to digests, so that no result can be counted twice."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tare.core.errors import OutputError, UsageError
from tare.fleet.facts import FORMAT, ChainFacts, LayerFacts, chain_key
from tare.fleet.tasks import Failure, Pinned, ReadLayer

_NAME = "fleet.sqlite"
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE run (id INTEGER PRIMARY KEY, sources TEXT NOT NULL, started REAL NOT NULL, listed INTEGER NOT NULL DEFAULT 0,
  finished REAL, complete INTEGER, totals BLOB);
CREATE TABLE name (run INTEGER NOT NULL, reference TEXT NOT NULL, image TEXT, PRIMARY KEY (run, reference)) WITHOUT ROWID;
CREATE TABLE failure (run INTEGER NOT NULL, stage TEXT NOT NULL, what TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL,
  PRIMARY KEY (run, stage, what)) WITHOUT ROWID;
CREATE TABLE image (digest TEXT PRIMARY KEY, reference TEXT NOT NULL, media_type TEXT NOT NULL, manifest BLOB NOT NULL,
  config BLOB NOT NULL, platform TEXT NOT NULL, endpoint TEXT NOT NULL, chain TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE root (place TEXT NOT NULL, digest TEXT NOT NULL, platform TEXT NOT NULL, image TEXT NOT NULL,
  PRIMARY KEY (place, digest, platform)) WITHOUT ROWID;
CREATE TABLE chain_layer (chain TEXT NOT NULL, place INTEGER NOT NULL, layer TEXT NOT NULL,
  PRIMARY KEY (chain, place)) WITHOUT ROWID;
CREATE INDEX chain_of_layer ON chain_layer (layer);
CREATE TABLE layer (key TEXT PRIMARY KEY, facts BLOB NOT NULL);
CREATE TABLE scan (layer TEXT PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE chain (key TEXT PRIMARY KEY, facts BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A run in the store. `resumed`: an earlier process began it and did not end it."""

    id: int
    resumed: bool
    listed: bool


@dataclass(frozen=True, slots=True)
class PastRun:
    """An earlier run over the same sources that ended."""

    id: int
    finished: float
    complete: bool
    totals: bytes


class Store:
    """A directory with the results of a fleet. One process at a time uses it; a second one gets a `UsageError`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = not folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise OutputError(f"the store cannot be made: {error.strerror}", where=str(folder)) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise UsageError(
                "another run uses this store",
                where=str(folder),
                hint="wait for it, or name another with --store",
            ) from error
        try:
            with self._writing():
                self._db = sqlite3.connect(folder / _NAME, isolation_level=None)
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._prepare()
        except BaseException:
            os.close(self._lock)
            raise

    def _prepare(self) -> None:
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute("INSERT INTO meta VALUES ('format', ?)", (str(FORMAT),))
        row = self._db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        if row is None or row[0] != str(FORMAT):
            raise UsageError(
                f"the store has format {row[0] if row else 'unknown'}, this version reads {FORMAT}",
                where=str(self.folder),
                hint="name another with --store, or remove it",
            )

    # -- runs ---------------------------------------------------------------------------------------------------

    def begin(self, sources: str, now: float, *, fresh: bool = False, keep_s: float = 86_400.0) -> Run:
        """The run to do: the last one over the same sources where it did not end and is not too old (what its names meant
        then still holds), else a new one."""
        with self._transaction():
            row = self._db.execute(
                "SELECT id, started, listed FROM run WHERE sources = ? AND finished IS NULL ORDER BY id DESC LIMIT 1",
                (sources,),
            ).fetchone()
            if row is not None and not fresh and now - row[1] <= keep_s:
                self._db.execute("DELETE FROM failure WHERE run = ?", (row[0],))
                return Run(row[0], True, bool(row[2]))
            cursor = self._db.execute("INSERT INTO run (sources, started) VALUES (?, ?)", (sources, now))
            assert cursor.lastrowid is not None
            return Run(cursor.lastrowid, False, False)

    def listed(self, run: int) -> None:
        """All sources of a run were listed."""
        with self._transaction():
            self._db.execute("UPDATE run SET listed = 1 WHERE id = ?", (run,))

    def finish(self, run: int, now: float, complete: bool, totals: bytes) -> None:
        """The end of a run; scans that neither it nor the one before needs are dropped, and older runs' names."""
        with self._transaction():
            self._db.execute(
                "UPDATE run SET finished = ?, complete = ?, totals = ? WHERE id = ?",
                (now, complete, totals, run),
            )
            sources = self._db.execute("SELECT sources FROM run WHERE id = ?", (run,)).fetchone()[0]
            self._db.execute(
                "DELETE FROM name WHERE run IN (SELECT id FROM run WHERE sources = ? AND id NOT IN "
                "(SELECT id FROM run WHERE sources = ? ORDER BY id DESC LIMIT 3))",
                (sources, sources),
            )
            self._db.execute(
                "DELETE FROM scan WHERE layer NOT IN (SELECT layer FROM chain_layer WHERE chain IN (SELECT i.chain FROM image i "
                "JOIN name n ON n.image = i.digest))"
            )

    def past(self, run: int) -> PastRun | None:
        """The run over the same sources that ended last before this one."""
        row = self._db.execute(
            "SELECT id, finished, complete, totals FROM run WHERE finished IS NOT NULL AND id < ? AND sources = "
            "(SELECT sources FROM run WHERE id = ?) ORDER BY id DESC LIMIT 1",
            (run, run),
        ).fetchone()
        return None if row is None else PastRun(row[0], row[1], bool(row[2]), row[3])

    def fail(self, run: int, stage: str, what: str, failure: Failure) -> None:
        """Something that the figures of this run will not hold."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, ?)",
                (run, stage, what, failure.message, failure.hint),
            )

    def failures(self, run: int) -> Iterator[tuple[str, str, Failure]]:
        """(stage, what, why) of all that is missing."""
        for stage, what, message, hint in self._db.execute(
            "SELECT stage, what, message, hint FROM failure WHERE run = ? ORDER BY stage, what", (run,)
        ):
            yield stage, what, Failure(message, hint)

    # -- names --------------------------------------------------------------------------------------------------

    def add_names(self, run: int, references: Iterable[str]) -> None:
        """Names that belong to a run; those that it has keep what they have."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO name (run, reference) VALUES (?, ?)",
                ((run, one) for one in references),
            )

    def unresolved(self, run: int) -> list[str]:
        """Names that nobody asked for yet."""
        rows = self._db.execute(
            "SELECT reference FROM name WHERE run = ? AND image IS NULL ORDER BY reference", (run,)
        )
        return [row[0] for row in rows]

    def roots(self) -> dict[tuple[str, str, str], str]:
        """(place, digest, platform) of all that names led to → the image that it was."""
        rows = self._db.execute(
            "SELECT r.place, r.digest, r.platform, r.image FROM root r JOIN image i ON i.digest = r.image"
        )
        return {(place, digest, platform): image for place, digest, platform, image in rows}

    def resolve(self, run: int, reference: str, image: Pinned, root: tuple[str, str, str] | None) -> None:
        """A name is this image now; `root` is (place, digest, platform) of what its tag named."""
        layers = image.layers()
        chain = chain_key(layers)
        endpoint = msgspec.json.encode(image.endpoint).decode()
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    image.digest,
                    image.reference,
                    image.media_type,
                    image.manifest,
                    image.config,
                    image.platform,
                    endpoint,
                    chain,
                ),
            )
            self._add_chain(chain, layers)
            if root is not None:
                self._db.execute("INSERT OR REPLACE INTO root VALUES (?, ?, ?, ?)", (*root, image.digest))
            self._set_name(run, reference, image.digest)

    def resolve_known(self, run: int, reference: str, digest: str) -> None:
        """A name is an image that the store has."""
        with self._transaction():
            self._set_name(run, reference, digest)

    def _set_name(self, run: int, reference: str, digest: str) -> None:
        self._db.execute(
            "UPDATE name SET image = ? WHERE run = ? AND reference = ?", (digest, run, reference)
        )

    def _add_chain(self, chain: str, layers: Sequence[str]) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO chain_layer VALUES (?, ?, ?)",
            ((chain, place, layer) for place, layer in enumerate(layers)),
        )

    def names(self, run: int) -> Iterator[tuple[str, str]]:
        """(reference, digest) of every name that was resolved."""
        yield from self._db.execute(
            "SELECT reference, image FROM name WHERE run = ? AND image IS NOT NULL ORDER BY reference", (run,)
        )

    def count_names(self, run: int) -> int:
        """All names of a run."""
        return int(self._db.execute("SELECT count(*) FROM name WHERE run = ?", (run,)).fetchone()[0])

    # -- images -------------------------------------------------------------------------------------------------

    def images(self, run: int) -> list[tuple[str, str]]:
        """(digest, chain) of the different images of a run."""
        return self._db.execute(
            "SELECT digest, chain FROM image WHERE digest IN (SELECT image FROM name WHERE run = ?) ORDER BY digest",
            (run,),
        ).fetchall()

    def pinned(self, digest: str) -> Pinned:
        """An image's documents."""
        row = self._db.execute(
            "SELECT reference, media_type, manifest, config, platform, endpoint FROM image WHERE digest = ?",
            (digest,),
        ).fetchone()
        endpoint = msgspec.json.decode(row[5], type=tuple[str, str, bool] | None)
        return Pinned(row[0], row[1], row[2], row[3], row[4], endpoint)

    def layers_of(self, chain: str) -> list[str]:
        """The keys of a chain, lowest first."""
        rows = self._db.execute("SELECT layer FROM chain_layer WHERE chain = ? ORDER BY place", (chain,))
        return [row[0] for row in rows]

    # -- results ------------------------------------------------------------------------------------------------

    def add_layer(self, layer: ReadLayer) -> None:
        """A layer was read; what is known of it is replaced as a whole."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO layer VALUES (?, ?)", (layer.key, msgspec.msgpack.encode(layer.facts))
            )
            self._db.execute("INSERT OR REPLACE INTO scan VALUES (?, ?)", (layer.key, layer.packed))

    def layer(self, key: str) -> LayerFacts | None:
        """What is known of a layer."""
        row = self._db.execute("SELECT facts FROM layer WHERE key = ?", (key,)).fetchone()
        return None if row is None else msgspec.msgpack.decode(row[0], type=LayerFacts)

    def scanned(self, key: str) -> bool:
        """Whether a layer's scan is here."""
        return self._db.execute("SELECT 1 FROM scan WHERE layer = ?", (key,)).fetchone() is not None

    def scan(self, key: str) -> bytes | None:
        """A layer's scan, packed."""
        row = self._db.execute("SELECT packed FROM scan WHERE layer = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def add_facts(self, chain: str, facts: ChainFacts) -> None:
        """A chain was merged."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO chain VALUES (?, ?)", (chain, msgspec.msgpack.encode(facts))
            )

    def facts(self, chain: str) -> ChainFacts | None:
        """What is known of a chain."""
        row = self._db.execute("SELECT facts FROM chain WHERE key = ?", (chain,)).fetchone()
        return None if row is None else msgspec.msgpack.decode(row[0], type=ChainFacts)

    def has_facts(self, chain: str) -> bool:
        """Whether a chain was merged."""
        return self._db.execute("SELECT 1 FROM chain WHERE key = ?", (chain,)).fetchone() is not None

    # -- transactions -------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._writing():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            full = "full" in str(error) or "disk I/O" in str(error)
            raise OutputError(
                f"the store cannot be written: {error}",
                where=str(self.folder / _NAME),
                hint="free some disk space and run again: it goes on where it broke off"
                if full
                else "name another with --store, or remove it",
            ) from error

    def close(self) -> None:
        """Release the file and the lock."""
        self._db.close()
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        empty = self._made and not self._db.execute("SELECT 1 FROM run WHERE listed").fetchone()
        self.close()
        if error is not None and empty:
            # Nothing to go on from: a mistyped source leaves no trace.
            shutil.rmtree(self.folder, ignore_errors=True)
