"""From names to images pinned by their bytes, many at a time. A name whose digest the store knows costs one small request."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from tare.core.errors import ImageError, NetworkError, TareError
from tare.fleet.pinned import PinnedSource
from tare.fleet.registries import ACCEPT, Registries
from tare.fleet.tasks import Failure, Pinned, failure_of
from tare.image import open_image
from tare.image.access import Access
from tare.image.digests import check_digest_syntax, digest_of
from tare.image.documents import Platform
from tare.image.limits import DEFAULT_LIMITS
from tare.image.model import make_image
from tare.image.platforms import fits_platform, parse_platform
from tare.image.reference import Transport, parse_name, parse_reference
from tare.image.sources.oci_layout import OciLayoutSource
from tare.image.sources.registry import RegistrySource
from tare.image.sources.registry_session import RegistrySession

Known = Mapping[tuple[str, str, str], str]
"""(place, digest, platform) → the image that the store has for it."""


@dataclass(frozen=True, slots=True)
class Root:
    """What a name leads to: a place, what stands there now, and the platform that was chosen."""

    place: str
    digest: str
    platform: str

    @property
    def key(self) -> tuple[str, str, str]:
        """As the store keeps it."""
        return self.place, self.digest, self.platform


@dataclass(frozen=True, slots=True)
class Resolved:
    """A name's answer: `image` where it was fetched, else `known` is the digest of one that the store has."""

    reference: str
    image: Pinned | None = None
    known: str = ""
    root: Root | None = None
    failure: Failure | None = None


class Resolver:
    """Resolves names with a bounded number of threads, and of each registry at a time."""

    def __init__(
        self,
        registries: Registries,
        access: Access,
        known: Known,
        *,
        platform: str = "",
        threads: int = 8,
        per_host: int = 4,
    ) -> None:
        self._registries = registries
        self._access = access
        self._known = known
        self._platform = platform
        self._wanted = parse_platform(platform) if platform else None
        self._threads = threads
        self._per_host = per_host
        self._hosts: dict[str, threading.Semaphore] = {}
        self._lock = threading.Lock()

    def run(self, references: Iterable[str]) -> Iterator[Resolved]:
        """Answers as they come."""
        flying: set[Future[Resolved]] = set()
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="tare-resolve")
        try:
            for reference in references:
                flying.add(pool.submit(self._safely, reference))
                while len(flying) >= self._threads * 2:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield future.result()
            for future in flying:
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _safely(self, reference: str) -> Resolved:
        try:
            return self._resolve(reference)
        except (TareError, OSError, MemoryError) as error:
            return Resolved(reference, failure=failure_of(error))

    def _resolve(self, reference: str) -> Resolved:
        parsed = parse_reference(reference)
        if parsed.transport is Transport.REGISTRY:
            return self._pulled(reference)
        root = self._local_root(parsed.path or reference, parsed.transport)
        if root is not None and (known := self._known.get(root.key)) is not None:
            return Resolved(reference, known=known, root=root)
        with open_image(reference, platform=self._platform or None, access=self._access) as image:
            if isinstance(image.source, OciLayoutSource) and len(image.source.names) > 1:
                raise ImageError(
                    f"{len(image.source.names)} images in it, and one reference names one",
                    where=reference,
                    hint=f"add one of: :{', :'.join(image.source.names[:8])}",
                )
            pinned = Pinned(
                reference,
                image.source.media_type(),
                image.source.manifest(),
                image.source.config(),
                str(image.config.platform),
            )
        return Resolved(reference, pinned, root=root)

    def _local_root(self, path: str, transport: Transport) -> Root | None:
        """What tells whether a file or layout is still the same."""
        place = Path(path)
        index = place / "index.json"
        try:
            if index.is_file():
                return Root(f"{transport.value}:{path}", digest_of(index.read_bytes()), self._platform)
            if place.is_file():
                status = place.stat()
                mark = f"{status.st_dev}-{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"
                return Root(f"{transport.value}:{path}", mark, self._platform)
        except OSError:
            pass  # opening it says what is wrong
        return None

    def _pulled(self, reference: str) -> Resolved:
        name = parse_name(reference.removeprefix("docker://"))
        failures: list[NetworkError] = []
        for endpoint in self._registries.endpoints(name):
            host, repository, _ = endpoint
            with self._host(host):
                session = self._registries.session(endpoint)
                place = f"{host}/{repository}"
                wanted = name.digest or name.tag or "latest"
                try:
                    root = self._root(name.digest or self._told(session, wanted), place)
                    known = self._known.get(root.key) if root else None
                    if known is not None:
                        return Resolved(reference, known=known, root=root)
                    if root is not None:  # a tag may move between two requests
                        name = replace(name, digest=root.digest)
                    source = RegistrySource(
                        session, name, self._wanted, DEFAULT_LIMITS, self._registries.patience
                    )
                    raw_config = source.config()
                except NetworkError as error:
                    failures.append(error)
                    continue
            pinned = Pinned(
                f"docker://{name.domain}/{name.repository}@{digest_of(source.manifest())}",
                source.media_type(),
                source.manifest(),
                raw_config,
                "",
                endpoint,
            )
            platform = make_image(reference, PinnedSource(pinned, None), ExitStack()).config.platform
            _check_platform(platform, self._wanted, reference)
            return Resolved(reference, replace(pinned, platform=str(platform)), root=root)
        raise failures[-1]

    def _told(self, session: RegistrySession, wanted: str) -> str:
        """What the registry says that a tag is; '' where it does not say."""
        try:
            return session.head(f"manifests/{wanted}", ACCEPT).get("docker-content-digest", "")
        except NetworkError as error:
            if "(405)" in error.message or "(501)" in error.message:
                return ""
            raise

    def _root(self, digest: str, place: str) -> Root | None:
        if not digest:
            return None
        return Root(place, check_digest_syntax(digest, place), self._platform)

    def _host(self, host: str) -> threading.Semaphore:
        with self._lock:
            return self._hosts.setdefault(host, threading.Semaphore(self._per_host))


def _check_platform(have: Platform, wanted: Platform | None, reference: str) -> None:
    if wanted is not None and not fits_platform(have, wanted):
        raise ImageError(
            f"the image is for {have}, not for {wanted}", where=reference, hint="leave --platform out"
        )
