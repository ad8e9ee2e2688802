"""The package index: which files a distribution has, how big they are, and what they unpack to.

Indexes may be `http(s)` or `file:` URLs, find-links may also be folders. The HTTP client is the
caller's: proxies, certificates and timeouts are set there (`index_settings` reads pip's).
"""

import os
import re
import shutil
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

import httpx
from packaging.utils import canonicalize_name
from packaging.version import Version

from tare.core.errors import NetworkError
from tare.knowledge.index_pages import ACCEPT, DistributionFile, named, parse_html, parse_json, read_filename
from tare.knowledge.index_settings import IndexSettings, index_settings_from_pip, redact
from tare.knowledge.targets import Target, tag_ranks
from tare.knowledge.wheel_directory import TAIL_BYTES, WheelContents, read_contents
from tare.schema.quantity import Quantity, measured, unknown

__all__ = [
    "DistributionFile",
    "IndexSettings",
    "MuslAvailability",
    "PackageIndex",
    "WheelContents",
    "best_file",
    "index_settings_from_pip",
]

ATTEMPTS = 3
MAX_PAGE_BYTES = 128 * 1024 * 1024
_AGAIN = frozenset({502, 503, 504})
_UNREACHABLE_HINT = "check the index URL, the proxy and the network; PIP_INDEX_URL names another index"


@dataclass(frozen=True, slots=True)
class MuslAvailability:
    """Whether one distribution can be installed on Alpine without compiling.

    `available` is None where the index could not tell. `reason` says what there is.
    """

    name: str
    version: str
    available: bool | None
    reason: str


def best_file(files: Iterable[DistributionFile], version: Version, target: Target) -> DistributionFile | None:
    """What an installer takes of this version on the target: the best wheel, else the sdist, else None."""
    ranks = tag_ranks(target)
    wheels: list[tuple[int, DistributionFile]] = []
    sdist = None
    for file in files:
        if file.version != version:
            continue
        if file.kind == "sdist":
            sdist = sdist or file
            continue
        rank = min((ranks[tag] for tag in file.tags if tag in ranks), default=None)
        if rank is not None:
            wheels.append((rank, file))
    if not wheels:
        return sdist
    best = min(rank for rank, _ in wheels)
    return max((file for rank, file in wheels if rank == best), key=lambda file: file.build or (-1, ""))


def _local_path(url: str) -> Path | None:
    """The file that a `file:` URL or a plain path names, None for other URLs."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(url) if not parts.scheme else None


class PackageIndex:
    """Reads the indexes and file places of `settings`; answers are kept for the life of the object.

    Safe to use from several threads. Every method that asks the network raises `NetworkError` where an index
    cannot be reached or answers something that is no index page; a 404 means that this index does not
    have it.
    """

    def __init__(self, settings: IndexSettings, client: httpx.Client | None = None) -> None:
        self.settings = settings
        self._owned = client is None
        self._client = client or httpx.Client(
            timeout=settings.timeout_s,
            follow_redirects=True,
            verify=ssl.create_default_context(cafile=settings.cert),
        )
        self._files: dict[str, tuple[DistributionFile, ...]] = {}
        self._contents: dict[str, WheelContents | None] = {}

    def __enter__(self) -> "PackageIndex":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._owned:
            self._client.close()

    def files(self, name: str) -> tuple[DistributionFile, ...]:
        """Every wheel and sdist of a distribution, over all indexes and find-links; empty where none has
        it."""
        wanted = canonicalize_name(name)
        if wanted not in self._files:
            found: list[DistributionFile] = []
            for place in self.settings.find_links:
                found += named(self._place(place), wanted)
            for url in self.settings.index_urls:
                found += named(self._page(f"{url.rstrip('/')}/{wanted}/", index=True), wanted)
            unique = {file.filename: file for file in reversed(found)}
            self._files[wanted] = tuple(reversed(unique.values()))
        return self._files[wanted]

    def compressed(self, file: DistributionFile) -> Quantity:
        """The bytes of the file itself: what an installer downloads."""
        local = _local_path(file.url)
        if local is not None:
            return _local_size(local)
        if file.size_bytes is not None:
            return measured(file.size_bytes, "size on the index")
        response = self._ask("HEAD", file.url, {})
        length = response.headers.get("content-length", "")
        if response.status_code == 200 and length.isdigit() and "content-encoding" not in response.headers:
            return measured(int(length), "Content-Length")
        return unknown(f"{redact(file.url)} does not tell its size")

    def contents(self, file: DistributionFile) -> WheelContents | None:
        """What a wheel unpacks to, from its zip directory alone. None: no wheel, or the server refuses
        ranges or sends something that is no zip file."""
        if file.kind != "wheel":
            return None
        if file.url not in self._contents:
            local = _local_path(file.url)
            try:
                self._contents[file.url] = _local_contents(local) if local else self._remote_contents(file)
            except ValueError:
                self._contents[file.url] = None
        return self._contents[file.url]

    def uncompressed(self, file: DistributionFile) -> Quantity:
        """The bytes of a wheel's files. `unknown` for sdists and where the directory cannot be read."""
        contents = self.contents(file)
        if contents is None:
            why = "a source distribution: its size shows once it is built"
            return unknown(
                why if file.kind == "sdist" else f"the directory of {file.filename} cannot be read"
            )
        return measured(contents.uncompressed_bytes, "central directory of the wheel")

    def download(self, file: DistributionFile, limit_bytes: int) -> bytes | None:
        """The file itself, None where it is bigger than `limit_bytes` or not there any more."""
        local = _local_path(file.url)
        if local is not None:
            try:
                return local.read_bytes() if local.stat().st_size <= limit_bytes else None
            except OSError:
                return None
        if file.size_bytes is not None and file.size_bytes > limit_bytes:
            return None
        response = self._ask("GET", file.url, {"Accept-Encoding": "identity"}, limit_bytes)
        return (
            response.content if response.status_code == 200 and len(response.content) <= limit_bytes else None
        )

    def fetch(self, file: DistributionFile, target: Path) -> int:
        """Write the file itself to `target`, in pieces, and answer its size in bytes. Raises `NetworkError`."""
        local = _local_path(file.url)
        if local is not None:
            shutil.copyfile(local, target)
            return target.stat().st_size
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._client.stream(
                    "GET", file.url, headers={"Accept-Encoding": "identity"}
                ) as response:
                    response.raise_for_status()
                    with target.open("wb") as handle:
                        for piece in response.iter_raw(1 << 20):
                            handle.write(piece)
                return target.stat().st_size
            except httpx.HTTPError as error:
                if attempt == ATTEMPTS:
                    raise NetworkError(
                        f"{file.filename} cannot be fetched: {_plain(error)}",
                        where=redact(file.url),
                        hint=_UNREACHABLE_HINT,
                    ) from error
        raise AssertionError("unreachable")

    def musl_availability(
        self, packages: Sequence[tuple[str, str]], target: Target
    ) -> tuple[MuslAvailability, ...]:
        """Which of the resolved `(name, version)` pairs Alpine could install as wheels: the reasons why
        not Alpine."""
        return tuple(self._musl(name, version, target.with_musl()) for name, version in packages)

    def _musl(self, name: str, version: str, target: Target) -> MuslAvailability:
        files = [file for file in self.files(name) if file.version == Version(version)]
        if not files:
            return MuslAvailability(name, version, None, "no index has this version")
        best = best_file(files, Version(version), target)
        if best is not None and best.kind == "wheel":
            kind = "a pure Python wheel" if best.pure else "a musllinux wheel"
            return MuslAvailability(name, version, True, f"{kind}: {best.filename}")
        others = any(file.kind == "wheel" for file in files)
        have = "only wheels for glibc or other platforms" if others else "no wheel at all"
        then = "would be compiled from source" if best is not None else "and there is no source distribution"
        return MuslAvailability(name, version, False, f"{have}; it {then}" if best else f"{have}, {then}")

    def _place(self, place: str) -> list[DistributionFile]:
        """The files of a find-links entry: a folder, an HTML file, or a page."""
        local = _local_path(place)
        if local is None:
            return self._page(place, index=False)
        if local.is_dir():
            found = (read_filename(path.name, path.absolute().as_uri()) for path in sorted(local.iterdir()))
            return [file for file in found if file is not None]
        return _local_page(local)

    def _page(self, url: str, *, index: bool) -> list[DistributionFile]:
        local = _local_path(url)
        if local is not None:
            return _local_page(local / "index.html") if index else _local_page(local)
        headers = {"Accept": ACCEPT} if index else {}
        response = self._ask("GET", url, headers)
        if response.status_code == 404:
            return []
        if response.status_code != 200:
            raise NetworkError(
                f"the package index answered {response.status_code} {response.reason_phrase}".rstrip(),
                where=redact(url),
                hint="credentials for an index belong in its URL or in a netrc file"
                if response.status_code in (401, 403)
                else _UNREACHABLE_HINT,
            )
        try:
            if "json" in response.headers.get("content-type", ""):
                return parse_json(response.content, str(response.url))
            return parse_html(response.text, str(response.url))
        except ValueError as error:
            raise NetworkError(
                f"the page of the package index cannot be read: {error}",
                where=redact(url),
                hint=_UNREACHABLE_HINT,
            ) from error

    def _ask(
        self, method: str, url: str, headers: dict[str, str], limit_bytes: int = MAX_PAGE_BYTES
    ) -> httpx.Response:
        """One answer, read whole where it is small enough; tried again where trying again can help."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._client.stream(method, url, headers=headers, follow_redirects=True) as response:
                    again = response.status_code in _AGAIN and attempt < ATTEMPTS
                    if not again:
                        return _read_limited(response, url, limit_bytes)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                last = isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol)
                if last or attempt == ATTEMPTS:
                    raise NetworkError(
                        f"the package index cannot be reached ({type(error).__name__}: {_plain(error)})",
                        where=redact(url),
                        hint=_UNREACHABLE_HINT,
                    ) from error
        raise AssertionError("the last attempt returns or raises")

    def _range(self, url: str, specifier: str, limit: int) -> tuple[bytes, int] | None:
        """The bytes of a range and the file's whole size; None where the server does not do ranges."""
        headers = {"Range": f"bytes={specifier}", "Accept-Encoding": "identity"}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._client.stream("GET", url, headers=headers, follow_redirects=True) as response:
                    whole = re.fullmatch(
                        r"bytes \d+-\d+/(\d+)", response.headers.get("content-range", "").strip()
                    )
                    if response.status_code != 206 or whole is None:
                        return None
                    body = bytearray()
                    for piece in response.iter_raw():
                        body += piece
                        if len(body) > limit:
                            return None
                    return bytes(body), int(whole[1])
            except httpx.HTTPError as error:
                if attempt == ATTEMPTS:
                    raise NetworkError(
                        f"the package index cannot be reached ({type(error).__name__}: {_plain(error)})",
                        where=redact(url),
                        hint=_UNREACHABLE_HINT,
                    ) from error
        raise AssertionError("the last attempt returns or raises")

    def _remote_contents(self, file: DistributionFile) -> WheelContents | None:
        first = TAIL_BYTES if file.size_bytes is None else min(TAIL_BYTES, file.size_bytes)
        specifier = (
            f"-{first}" if file.size_bytes is None else f"{file.size_bytes - first}-{file.size_bytes - 1}"
        )
        answer = self._range(file.url, specifier, first)
        if answer is None:
            return None
        tail, size_bytes = answer

        def read(start: int, length: int) -> bytes:
            piece = self._range(file.url, f"{start}-{start + length - 1}", length)
            if piece is None or len(piece[0]) != length or piece[1] != size_bytes:
                raise ValueError("the server stopped serving ranges")
            return piece[0]

        return read_contents(size_bytes, read, tail)


def _plain(error: Exception) -> str:
    return re.sub(r"//[^/@\s]+@", "//***@", str(error)) or "no details"


def _read_limited(response: httpx.Response, url: str, limit_bytes: int) -> httpx.Response:
    """The response with its body, up to a limit that no honest index page reaches."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > limit_bytes:
            raise NetworkError(
                f"the answer is bigger than {limit_bytes} bytes, more than it may be", where=redact(url)
            )
    headers = [(k, v) for k, v in response.headers.multi_items() if k.lower() != "content-encoding"]
    return httpx.Response(
        response.status_code, headers=headers, content=bytes(body), request=response.request
    )


def _local_page(path: Path) -> list[DistributionFile]:
    try:
        return parse_html(path.read_text(encoding="utf-8", errors="replace"), path.absolute().as_uri())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise NetworkError(f"the index cannot be read: {error.strerror}", where=str(path)) from error


def _local_size(path: Path) -> Quantity:
    try:
        return measured(path.stat().st_size, "size of the file")
    except OSError as error:
        return unknown(f"{path}: {error.strerror}")


def _local_contents(path: Path) -> WheelContents | None:
    try:
        with path.open("rb") as handle:

            def read(start: int, length: int) -> bytes:
                handle.seek(start)
                return handle.read(length)

            return read_contents(os.fstat(handle.fileno()).st_size, read)
    except OSError:
        return None
