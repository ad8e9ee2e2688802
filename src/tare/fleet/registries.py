"""The fleet's way to registries: one connection pool a host, one session a repository, a rate for each host.

Catalogues and tags: https://github.com/opencontainers/distribution-spec (content discovery), and the catalogue of
https://distribution.github.io/distribution/spec/api/.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from tare.core.errors import NetworkError
from tare.image.access import Access
from tare.image.documents import INDEX_TYPES, MANIFEST_TYPES
from tare.image.limits import MIB
from tare.image.reference import DockerName
from tare.image.sources.credentials import find_credentials
from tare.image.sources.patience import Patience
from tare.image.sources.registry import endpoints_of
from tare.image.sources.registry_session import RegistrySession, make_client

DOCKER_HUB = "registry-1.docker.io"
ACCEPT = ", ".join(sorted(MANIFEST_TYPES | INDEX_TYPES))
_T = TypeVar("_T")
_PAGE = 1000
_PAGES = 100_000
_LIST_BYTES = 16 * MIB

Endpoint = tuple[str, str, bool]
"""Host, repository, and whether TLS may go unverified."""


class Rate:
    """At most so many requests a second to one host, from all threads of this process."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second if per_second > 0 else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Sleep until the next request is due."""
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            due = max(now, self._next)
            self._next = due + self._gap
        if due > now:
            time.sleep(due - now)


class _Repositories(msgspec.Struct, frozen=True):
    repositories: list[str] | None = None


class _Tags(msgspec.Struct, frozen=True):
    tags: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Manners:
    """How registries are treated. `rate` is requests a second for each host, 0 for no limit."""

    patience: Patience
    rate: float = 0.0


class Registries:
    """Sessions by endpoint, kept open. Safe for several threads."""

    def __init__(self, access: Access, manners: Manners) -> None:
        self.access = access
        self.patience = manners.patience
        self._manners = manners
        self._lock = threading.Lock()
        self._sessions: dict[Endpoint, RegistrySession] = {}
        self._clients: dict[tuple[str, bool], httpx.Client] = {}
        self._first: dict[tuple[str, bool], RegistrySession] = {}
        self._rates: dict[str, Rate] = {}

    def session(self, endpoint: Endpoint) -> RegistrySession:
        """The session of an endpoint."""
        host, repository, insecure = endpoint
        with self._lock:
            known = self._sessions.get(endpoint)
            if known is not None:
                return known
            client = self._clients.get((host, insecure))
            if client is None:
                client = make_client(
                    host,
                    insecure,
                    self.access.certificate_folders,
                    self.patience,
                    self.access.authorities,
                )
                self._clients[host, insecure] = client
            rate = self._rates.setdefault(host, Rate(self._manners.rate))
            session = RegistrySession(
                host,
                repository,
                find=lambda: find_credentials(
                    "docker.io" if host == DOCKER_HUB else host,
                    repository,
                    self.access.auth_files,
                    self.access.helper_environment,
                ),
                insecure=insecure,
                certificate_folders=self.access.certificate_folders,
                patience=self.patience,
                client=client,
                before=rate.wait,
                base=self._base(host, insecure),
            )
            self._sessions[endpoint] = session
            self._first.setdefault((host, insecure), session)
            return session

    def _base(self, host: str, insecure: bool) -> str:
        """Where another repository's session found the registry; a thousand repositories ask once."""
        first = self._first.get((host, insecure))
        return first.base if first is not None else ""

    def endpoints(self, name: DockerName) -> list[Endpoint]:
        """Where a name may be asked for, in order."""
        return endpoints_of(name, self.access)

    def repositories(self, host: str, prefix: str) -> Iterator[str]:
        """The catalogue, page by page. Raises `NetworkError`, also for one that has no end."""
        endpoint = (host, "", self.access.insecure)
        for raw in self._pages(endpoint, "_catalog", f"{host} _catalog"):
            for name in _decoded(raw, _Repositories, f"{host} _catalog").repositories or []:
                if name == prefix or not prefix or name.startswith(prefix.rstrip("/") + "/"):
                    yield name

    def tags(self, host: str, repository: str) -> Iterator[str]:
        """The tags of a repository, page by page."""
        what = f"{host}/{repository}"
        for raw in self._pages((host, repository, self.access.insecure), "tags/list", what):
            yield from _decoded(raw, _Tags, what).tags or []

    def _pages(self, endpoint: Endpoint, path: str, what: str) -> Iterator[bytes]:
        session = self.session(endpoint)
        query = f"n={_PAGE}"
        seen: set[str] = set()
        for _ in range(_PAGES):
            answer = session.get(f"{path}?{query}", _LIST_BYTES, "application/json")
            yield answer.content
            following = answer.links.get("next", {}).get("url")
            if not following:
                return
            query = urlsplit(following).query
            last = parse_qs(query).get("last", [query])[0]
            if not query or last in seen:
                break
            seen.add(last)
        raise NetworkError("the pages of the list have no end", where=what, hint="tell the registry's owner")

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
            self._sessions.clear()
            self._first.clear()


def _decoded(raw: bytes, shape: type[_T], what: str) -> _T:
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NetworkError(
            "the answer is no list",
            where=what,
            hint="the registry does not offer its catalogue; name the images in a list",
        ) from error
