"""The three forms of RPM's database, each as an iterator over header blobs. All raise `ValueError` when broken.

sqlite: rpm's lib/backend/sqlite.c. ndb: lib/backend/ndb/rpmpkg.c. bdb: Berkeley DB's hash access method
(dbinc/db_page.h), as rpm's read-only bdb_ro.c reads it.
"""

import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

_PAGES_SQLITE = b"SQLite format 3\0"
_STEPS = 20_000_000
_MAX_PACKAGES = 1 << 20


def sqlite_blobs(database: bytes, log: bytes = b"") -> Iterator[bytes]:
    """Headers of `rpmdb.sqlite`; `log` is the content of its write-ahead log, if there is one."""
    if not database.startswith(_PAGES_SQLITE):
        raise ValueError("not an SQLite database")
    with tempfile.TemporaryDirectory(prefix="tare-") as folder:
        path = Path(folder, "rpmdb.sqlite")
        path.write_bytes(database)
        if log:
            path.with_name("rpmdb.sqlite-wal").write_bytes(log)
        try:
            with closing(sqlite3.connect(path)) as connection:
                steps = iter(range(_STEPS // 1000))
                connection.set_progress_handler(lambda: int(next(steps, None) is None), 1000)
                connection.execute("PRAGMA trusted_schema = OFF")
                for (blob,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum"):
                    if not isinstance(blob, bytes):
                        raise ValueError("a package that is no blob")
                    yield blob
        except sqlite3.Error as error:
            raise ValueError(f"the SQLite database cannot be read: {error}") from error


def ndb_blobs(database: bytes) -> Iterator[bytes]:
    """Headers of `Packages.db`."""
    if len(database) < 32 or database[:4] != b"RpmP":
        raise ValueError("not an ndb database")
    pages = struct.unpack_from("<I", database, 12)[0]
    slots = range(32, min(4096 * pages, len(database) - 15), 16)
    if pages > 2048 or pages * 4096 > len(database):
        raise ValueError("an ndb database with impossible sizes")
    for at in slots:
        magic, index, offset, _ = struct.unpack_from("<4sIII", database, at)
        if magic != b"Slot":
            raise ValueError("an ndb database with a broken slot")
        if not offset:
            continue
        start = offset * 16
        if start + 16 > len(database):
            raise ValueError("an ndb slot that points outside")
        blob_magic, blob_index, _, size = struct.unpack_from("<4sIII", database, start)
        if blob_magic != b"BlbS" or blob_index != index or start + 16 + size > len(database):
            raise ValueError("an ndb package that is broken")
        yield database[start + 16 : start + 16 + size]


_HASH_MAGIC = 0x061561
_HASH_UNSORTED, _OVERFLOW, _HASH = 2, 7, 13
_KEY_DATA, _OFF_PAGE = 1, 3
_PAGE_HEADER = 26


def bdb_blobs(database: bytes) -> Iterator[bytes]:
    """Headers of a Berkeley DB `Packages`; record 0 is rpm's counter and no package."""
    if len(database) < 512:
        raise ValueError("not a Berkeley DB hash")
    order = next((one for one in "<>" if struct.unpack_from(f"{one}I", database, 12)[0] == _HASH_MAGIC), "")
    if not order:
        raise ValueError("not a Berkeley DB hash")
    page_size = struct.unpack_from(f"{order}I", database, 20)[0]
    if not 512 <= page_size <= 65536 or page_size & (page_size - 1) or database[24]:
        raise ValueError("a Berkeley DB with an impossible page size, or an encrypted one")
    found = 0
    for start in range(page_size, len(database) - page_size + 1, page_size):
        count, kind = struct.unpack_from(f"{order}H", database, start + 20)[0], database[start + 25]
        if kind not in (_HASH, _HASH_UNSORTED):
            continue
        if _PAGE_HEADER + 2 * count > page_size:
            raise ValueError("a Berkeley DB page with too many items")
        offsets = struct.unpack_from(f"{order}{count}H", database, start + _PAGE_HEADER)
        for place in range(1, count, 2):
            key_end = page_size if place == 1 else offsets[place - 2]
            key = database[start + offsets[place - 1] + 1 : start + key_end]
            if not any(key):
                continue
            found += 1
            if found > _MAX_PACKAGES:
                raise ValueError("a Berkeley DB with too many records")
            yield _item(database, start, offsets[place], offsets[place - 1], page_size, order)


def _item(database: bytes, page: int, offset: int, end: int, page_size: int, order: str) -> bytes:
    if not _PAGE_HEADER <= offset < end <= page_size:
        raise ValueError("a Berkeley DB item outside its page")
    kind = database[page + offset]
    if kind == _KEY_DATA:
        return database[page + offset + 1 : page + end]
    if kind != _OFF_PAGE or offset + 12 > page_size:
        raise ValueError(f"a Berkeley DB item of kind {kind}")
    number, total = struct.unpack_from(f"{order}II", database, page + offset + 4)
    parts: list[bytes] = []
    size = 0
    while number and size < total:
        at = number * page_size
        if at + page_size > len(database) or database[at + 25] != _OVERFLOW:
            raise ValueError("a Berkeley DB overflow page that is none")
        used = struct.unpack_from(f"{order}H", database, at + 22)[0]
        if not 0 < used <= page_size - _PAGE_HEADER:
            raise ValueError("a Berkeley DB overflow page with an impossible length")
        parts.append(database[at + _PAGE_HEADER : at + _PAGE_HEADER + used])
        size += used
        number = struct.unpack_from(f"{order}I", database, at + 16)[0]
    if size != total:
        raise ValueError("a Berkeley DB record that ends early")
    return b"".join(parts)
