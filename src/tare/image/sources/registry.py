"""`docker://`: an image of a registry, its blobs read by streams that resume and can be read from any place.

Specification: https://github.com/opencontainers/distribution-spec (pull), with Docker's manifest types.
"""

import io
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, cast

import httpx
import msgspec

from tare.core.errors import ImageError, NetworkError
from tare.core.events import Event, EventSink
from tare.image.access import Access, RegistryRule
from tare.image.digests import check_digest_syntax, digest_of, mismatch, verify_bytes
from tare.image.documents import (
    INDEX_TYPES,
    MANIFEST_TYPES,
    Descriptor,
    Platform,
    read_index,
    read_manifest,
)
from tare.image.limits import Limits
from tare.image.platforms import choose_platform
from tare.image.reference import DockerName
from tare.image.sources.credentials import find_credentials
from tare.image.sources.patience import Pace, Patience, TooSlow, pause_before
from tare.image.sources.registry_session import RegistrySession

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ACCEPT = ", ".join(sorted(MANIFEST_TYPES | INDEX_TYPES))
_PIECE = 256 << 10
_DOCKER_HUB = "registry-1.docker.io"


class _Typed(msgspec.Struct, frozen=True):
    media_type: str = msgspec.field(name="mediaType", default="")
    schema_version: int = msgspec.field(name="schemaVersion", default=0)
    manifests: msgspec.Raw = msgspec.Raw()


class RegistrySource:
    """One image of a repository."""

    def __init__(
        self,
        session: RegistrySession,
        name: DockerName,
        platform: Platform | None,
        limits: Limits,
        patience: Patience,
    ) -> None:
        self._session = session
        self._limits = limits
        self._patience = patience
        self._what = f"docker://{name.domain}/{name.repository}"
        raw, media_type = self._fetch(name.digest or name.tag or "latest")
        for _ in range(limits.index_depth):
            if media_type not in INDEX_TYPES:
                break
            one = choose_platform(read_index(raw, self._what), platform, self._what)
            raw, media_type = self._fetch(one.digest)
        else:
            raise ImageError("indexes within indexes without an end", where=self._what, hint="push it again")
        self._raw, self._type = raw, media_type

    def _fetch(self, name: str) -> tuple[bytes, str]:
        """A manifest or index by tag or digest, verified, with its media type."""
        answer = self._session.get(f"manifests/{name}", self._limits.manifest_bytes, _ACCEPT)
        raw = answer.content
        if ":" in name:
            verify_bytes(raw, check_digest_syntax(name, self._what), f"{self._what}@{name}")
        elif told := answer.headers.get("docker-content-digest"):
            check_digest_syntax(told, self._what)
            actual = digest_of(raw, told.partition(":")[0])
            if actual != told:
                raise mismatch(f"{self._what}:{name} manifest", told, actual)
        return raw, _media_type(raw, answer.headers.get("content-type", ""), f"{self._what} {name}")

    def media_type(self) -> str:
        """The manifest's media type."""
        return self._type

    def manifest(self) -> bytes:
        """The manifest's bytes, verified."""
        return self._raw

    def config(self) -> bytes:
        """The configuration's bytes."""
        config = read_manifest(self._raw, self._type, self._what).config
        return self._session.get(f"blobs/{config.digest}", self._limits.config_bytes).content

    def open_layer(self, layer: Descriptor) -> BinaryIO:
        """The layer's blob; a foreign one is asked of the registry first."""
        return open_blob(self._session, layer, self._patience)

    def witness(self, layer: Descriptor) -> str | None:
        """Nothing is stored here: the digest says which bytes they would be."""
        return ""


def open_blob(session: RegistrySession, blob: Descriptor, patience: Patience) -> BinaryIO:
    """A blob of a repository as a seekable stream."""
    return cast(BinaryIO, io.BufferedReader(BlobReader(session, blob, patience), _PIECE))


class BlobReader(io.RawIOBase):
    """A blob as a seekable stream: one request while reading on, a ranged one after a jump or a broken connection."""

    def __init__(self, session: RegistrySession, blob: Descriptor, patience: Patience) -> None:
        super().__init__()
        self._session = session
        self._blob = blob
        self._patience = patience
        self._open = ExitStack()
        self._next: Callable[[], bytes] | None = None
        self._rest = memoryview(b"")
        self._at = 0
        self._pace = Pace(patience)

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Jump; the next read asks for that range."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._blob.size}[whence]
        if base + offset < 0:
            raise OSError("seek before the start")
        if base + offset != self._at:
            self._disconnect()
            self._at = base + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read on; resumes a limited number of times without progress. Raises `NetworkError`."""
        view = memoryview(buffer).cast("B")
        if self._at >= self._blob.size or not len(view):
            return 0
        if not self._rest:
            self._rest = memoryview(self._piece())
        count = min(len(view), len(self._rest), self._blob.size - self._at)
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        self._at += count
        return count

    def _piece(self) -> bytes:
        for attempt in range(self._patience.tries):
            try:
                if self._next is None:
                    self._connect()
                assert self._next is not None
                piece = self._next()
                if piece:
                    self._pace.saw(len(piece))
                    return piece
                reason = "the connection ends early"
            except TooSlow as error:
                self._disconnect()
                raise self._broken(str(error)) from error
            except (httpx.HTTPError, httpx.StreamError) as error:
                reason = str(error) or type(error).__name__
            self._disconnect()
            if attempt < self._patience.tries - 1:
                self._patience.pause(min(pause_before(attempt, {}), self._patience.longest_pause_s))
        raise self._broken(reason)

    def _broken(self, reason: str) -> NetworkError:
        return NetworkError(
            f"layer {self._blob.digest[:19]} breaks off after {self._at} of {self._blob.size} bytes: {reason}",
            where=self._session.host,
            hint="try again; what was read is not used",
        )

    def _connect(self) -> None:
        headers = {"range": f"bytes={self._at}-"} if self._at else {}
        path = f"blobs/{self._blob.digest}"
        answer = self._open.enter_context(self._session.stream(path, headers))
        if answer.status_code not in (200, 206):
            raise self._absent(answer, path)
        pieces = answer.iter_raw()  # whatever came: a size would wait until that much came
        skip = self._at if answer.status_code == 200 else 0
        if answer.status_code == 206 and not _starts_at(answer.headers.get("content-range", ""), self._at):
            raise self._broken("the registry sent another range than asked for")
        while skip:
            piece = next(pieces, b"")
            if not piece:
                raise self._broken("the blob is shorter than its manifest says")
            self._pace.saw(len(piece))
            self._rest = memoryview(piece)[skip:]
            skip = max(0, skip - len(piece))
        first = [bytes(self._rest)] if self._rest else []
        self._rest = memoryview(b"")
        self._next = lambda: first.pop() if first else next(pieces, b"")

    def _absent(self, answer: httpx.Response, path: str) -> ImageError | NetworkError:
        if answer.status_code == 404 and self._blob.urls:
            return ImageError(
                f"layer {self._blob.digest} is foreign: the image only names where to get it",
                where=self._session.host,
                hint=f"fetch it from {self._blob.urls[0][:200]}",
            )
        return self._session.refused(answer, path)

    def _disconnect(self) -> None:
        self._open.close()
        self._open = ExitStack()
        self._next = None
        self._rest = memoryview(b"")

    def close(self) -> None:
        """Close the connection."""
        self._disconnect()
        super().close()


def open_registry(
    name: DockerName,
    platform: Platform | None,
    access: Access,
    limits: Limits,
    resources: ExitStack,
    on_event: EventSink,
    patience: Patience | None = None,
) -> RegistrySource:
    """The image from the first endpoint that has it: the mirrors in order, then the registry itself."""
    patience = patience or Patience()
    endpoints = endpoints_of(name, access)
    failures: list[NetworkError] = []
    for host, repository, insecure in endpoints:
        session = RegistrySession(
            host,
            repository,
            find=lambda host=host, repository=repository: find_credentials(  # type: ignore[misc]
                "docker.io" if host == _DOCKER_HUB else host,
                repository,
                access.auth_files,
                access.helper_environment,
            ),
            insecure=insecure,
            certificate_folders=access.certificate_folders,
            authorities=access.authorities,
            patience=patience,
        )
        resources.callback(session.close)
        on_event(Event("step", f"Reading {name.familiar} from {host}"))
        try:
            return RegistrySource(session, name, platform, limits, patience)
        except NetworkError as error:
            failures.append(error)
            if len(endpoints) > 1:
                on_event(Event("warning", f"{host}: {error.message}"))
    raise failures[-1]


def endpoints_of(name: DockerName, access: Access) -> list[tuple[str, str, bool]]:
    """(host, repository, insecure) in the order in which they are asked. Raises `ImageError` for a blocked name."""
    full = f"{name.domain}/{name.repository}"
    fitting = [rule for rule in access.registries if _fits(rule.prefix, full)]
    rule = max(fitting, key=lambda rule: len(rule.prefix), default=RegistryRule(name.domain))
    if rule.blocked:
        raise ImageError(
            f"{rule.prefix} is blocked by registries.conf", where=full, hint="use a mirror's name"
        )
    rest = full[len(rule.prefix) :] if not rule.prefix.startswith("*.") else full[len(name.domain) :]
    places = [*rule.mirrors, rule.location or (name.domain if rule.prefix.startswith("*.") else rule.prefix)]
    found = []
    for place in places:
        host, _, repository = f"{place}{rest}".partition("/")
        host = _DOCKER_HUB if host in ("docker.io", "index.docker.io") else host
        found.append((host, repository, access.insecure or place in rule.insecure))
    return found


def _fits(prefix: str, full: str) -> bool:
    if prefix.startswith("*."):
        return full.partition("/")[0].endswith(prefix[1:])
    return full == prefix or full.startswith(f"{prefix}/")


def _starts_at(content_range: str, offset: int) -> bool:
    return content_range.replace("=", " ").startswith(f"bytes {offset}-")


def _media_type(raw: bytes, content_type: str, what: str) -> str:
    """The media type that the document names, else the header's; they must agree where both are known."""
    if "html" in content_type.lower() or raw.lstrip()[:1] == b"<":
        raise NetworkError(
            "a web page came in the manifest's place",
            where=what,
            hint="a proxy or a login page answers in the registry's place; check the name and the proxy settings",
        )
    try:
        typed = msgspec.json.decode(raw, type=_Typed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ImageError(f"broken JSON: {error}", where=what, hint="push the image again") from error
    if typed.schema_version == 1:
        raise ImageError(
            "a manifest of the old schema 1, which has no configuration",
            where=what,
            hint="push the image again with a newer Docker, or convert it with skopeo copy",
        )
    header = content_type.partition(";")[0].strip()
    known = INDEX_TYPES | MANIFEST_TYPES
    if typed.media_type in known and header in known and typed.media_type != header:
        raise ImageError(f"the manifest says {typed.media_type}, the registry {header}", where=what)
    return typed.media_type or header
