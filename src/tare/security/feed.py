"""Bulk advisories over HTTP, as OSV publishes them (google.github.io/osv.dev/data): `ECOSYSTEM/all.zip`, and
`ECOSYSTEM/modified_id.csv` with the newest changes first, by which later updates fetch single documents only.

A broken download is kept and goes on where it stopped, as long as the server still has the same file.
"""

import base64
import binascii
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from tare.core.errors import AdvisoryError, NetworkError
from tare.core.events import Event, EventSink, null_sink

DEFAULT_URL = "https://osv-vulnerabilities.storage.googleapis.com"
MOST_SINGLE = 1500
"""With more changes than this, the whole file is fetched."""
_LARGEST_INDEX = 256 * 1024 * 1024
_LARGEST_DOCUMENT = 16 * 1024 * 1024
_LARGEST_ARCHIVE = 8 * 1024 * 1024 * 1024
_TRIES = 4
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,100}")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the index: when an advisory was modified, and its ID."""

    modified: str
    id: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A server of bulk advisories. `folder` keeps broken downloads; `pause` waits between tries."""

    url: str
    client: httpx.Client
    folder: Path
    on_event: EventSink = null_sink
    pause: Callable[[float], None] = time.sleep

    def changes(self, ecosystem: str, since: str) -> tuple[Change, ...]:
        """What was modified after `since` ('' for everything), newest first. Raises `NetworkError`, `AdvisoryError`."""
        where = f"{self._base(ecosystem)}/modified_id.csv"
        found: list[Change] = []
        for line in self._document(where, _LARGEST_INDEX).decode("utf-8", "replace").splitlines():
            modified, comma, name = line.strip().partition(",")
            name = name.rpartition("/")[2]
            if not line.strip():
                continue
            if not comma or _DATE.fullmatch(modified) is None or _ID.fullmatch(name) is None:
                raise AdvisoryError(f"no index of changes: {line[:80]!r}", where=where)
            if since and modified <= since:
                continue
            found.append(Change(modified, name))
        return tuple(sorted(found, key=lambda change: change.modified, reverse=True))

    def documents(self, ecosystem: str, changes: Iterable[Change]) -> Iterator[tuple[str, bytes]]:
        """The documents of some changes, several fetched at a time."""

        def fetch(change: Change) -> tuple[str, bytes]:
            return f"{change.id}.json", self._document(
                f"{self._base(ecosystem)}/{quote(change.id)}.json", _LARGEST_DOCUMENT
            )

        with ThreadPoolExecutor(8) as pool:
            yield from pool.map(fetch, changes)

    def archive(self, ecosystem: str) -> Path:
        """The whole file on disk. Raises `NetworkError`; what came so far is kept, and the next call goes on there."""
        where = f"{self._base(ecosystem)}/all.zip"
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / (re.sub(r"[^A-Za-z0-9]", "_", f"{self.url}_{ecosystem}") + ".part")
        last: NetworkError | None = None
        for attempt in range(_TRIES):
            if attempt:
                self.pause(2.0**attempt / 2)
            try:
                self._resume(where, part)
                return part
            except httpx.HTTPError as error:
                last = _unreachable(where, error)
                self.on_event(Event("warning", f"{last}; trying again"))
        assert last is not None
        raise last

    def _resume(self, where: str, part: Path) -> None:
        mark = part.with_suffix(".etag")
        have = part.stat().st_size if part.exists() and mark.exists() else 0
        headers = {"Range": f"bytes={have}-", "If-Range": mark.read_text("utf-8")} if have else {}
        with self.client.stream("GET", where, headers=headers) as answer:
            if answer.status_code == 416:
                part.unlink()
                raise httpx.ReadError("the file has another size now")
            if answer.status_code not in (200, 206):
                raise _refused(where, answer)
            resumed = answer.status_code == 206
            have = have if resumed else 0
            total = have + int(answer.headers.get("content-length", "0") or 0)
            if total > _LARGEST_ARCHIVE:
                raise AdvisoryError(f"{total} bytes are too many", where=where)
            if not resumed:
                part.unlink(missing_ok=True)
                mark.write_text(_etag(answer), "utf-8")
            with part.open("ab") as target:
                for piece in answer.iter_raw():
                    target.write(piece)
                    if target.tell() > _LARGEST_ARCHIVE:
                        raise AdvisoryError("the file has no end", where=where)
                target.flush()
                os.fsync(target.fileno())
            if "content-length" in answer.headers and part.stat().st_size != total:
                raise httpx.ReadError(f"{part.stat().st_size} of {total} bytes came")
            stated = answer.headers.get("x-goog-hash", "")
        _check_md5(part, mark, stated, where)

    def _document(self, where: str, limit: int) -> bytes:
        last: NetworkError | None = None
        for attempt in range(_TRIES):
            if attempt:
                self.pause(2.0**attempt / 2)
            try:
                with self.client.stream("GET", where) as answer:
                    if answer.status_code != 200:
                        raise _refused(where, answer)
                    data = bytearray()
                    for piece in answer.iter_bytes():
                        data += piece
                        if len(data) > limit:
                            raise AdvisoryError(f"more than {limit} bytes", where=where)
                    return bytes(data)
            except httpx.HTTPError as error:
                last = _unreachable(where, error)
        assert last is not None
        raise last

    def _base(self, ecosystem: str) -> str:
        return f"{self.url.rstrip('/')}/{quote(ecosystem)}"


def done_with(part: Path) -> None:
    """Remove an archive that was read."""
    part.unlink(missing_ok=True)
    part.with_suffix(".etag").unlink(missing_ok=True)


def _etag(answer: httpx.Response) -> str:
    """A validator that allows to go on; weak ones do not (RFC 9110, section 13.1.5)."""
    tag = answer.headers.get("etag", "")
    return "" if tag.startswith("W/") else tag or answer.headers.get("last-modified", "")


def _check_md5(part: Path, mark: Path, stated: str, where: str) -> None:
    found = re.search(r"md5=([A-Za-z0-9+/=]{24})", stated)
    if found is None:
        return
    with part.open("rb") as handle:
        actual = hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).digest()
    try:
        right = base64.b64decode(found[1]) == actual
    except binascii.Error:
        right = False
    if not right:
        done_with(part)
        mark.unlink(missing_ok=True)
        raise NetworkError(
            "the file is not what the server says it sent", where=where, hint="tare db update again"
        )


def _refused(where: str, answer: httpx.Response) -> NetworkError:
    return NetworkError(
        f"the server answers {answer.status_code}",
        where=where,
        hint="check --url and --ecosystem (names as OSV writes them: PyPI, Debian)",
    )


def _unreachable(where: str, error: httpx.HTTPError) -> NetworkError:
    return NetworkError(
        f"cannot be fetched: {error or type(error).__name__}",
        where=where,
        hint="tare db update again goes on where it stopped",
    )
