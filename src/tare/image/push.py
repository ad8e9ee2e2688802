"""Writing to a registry: only what it lacks, taken over from other repositories of the same registry where it can be.

Specification: OCI distribution 1.1, "Push". A blob goes up in one PATCH, as the Docker client does it. Where that breaks
off, the registry is asked how much has arrived and the rest follows (some forget the upload: then it begins anew). One that
fails for good is cancelled, and since the manifest goes last, no tag ever names an image that is not whole.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

from tare.core.errors import NetworkError, UsageError
from tare.core.events import Event, EventSink
from tare.image.access import Access
from tare.image.limits import MIB
from tare.image.reference import DockerName
from tare.image.sources.credentials import find_credentials
from tare.image.sources.patience import Patience, pause_before
from tare.image.sources.registry import endpoints_of
from tare.image.sources.registry_session import RegistrySession

UPLOADS = 3
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Push:
    """One image on its way to one repository. Safe to use from several threads."""

    def __init__(
        self,
        name: DockerName,
        access: Access,
        on_event: EventSink,
        *,
        beside: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`beside`: another repository of the same registry, whose blobs may be taken over."""
        if name.digest:
            raise UsageError("a digest cannot be chosen", where=name.familiar, hint="docker://NAME:TAG")
        host, repository, insecure = endpoints_of(name, access)[-1]
        self._patience = patience or Patience()
        self._name = name
        self._on_event = on_event
        self._beside = beside
        self.uploaded_bytes = 0
        self.session = RegistrySession(
            host,
            repository,
            find=lambda: find_credentials(
                "docker.io" if host == "registry-1.docker.io" else host,
                repository,
                access.auth_files,
                access.helper_environment,
            ),
            insecure=insecure,
            certificate_folders=access.certificate_folders,
            patience=self._patience,
        )

    def has(self, digest: str, size_bytes: int) -> bool:
        """Whether the repository has a blob, or takes it over from the one beside it."""
        answer = self.session.send("HEAD", f"blobs/{digest}")
        if answer.status_code == 200:
            return True
        if answer.status_code in (401, 403):
            raise self.session.refused(answer, f"blobs/{digest}")
        if self._beside is None:
            return False
        words = urlencode({"mount": digest, "from": self._beside})
        mounted = self.session.send("POST", f"blobs/uploads/?{words}")
        if mounted.status_code == 201:
            self._on_event(Event("step", f"{digest[:19]} taken over from {self._beside}"))
            return True
        if mounted.status_code == 202 and "location" in mounted.headers:
            self._cancel(mounted.headers["location"])
        return False

    def blobs(self, paths: list[tuple[str, Path]]) -> None:
        """Upload blobs, several at a time. Raises `NetworkError`; what had begun is cancelled."""
        with ThreadPoolExecutor(UPLOADS) as pool:
            for done in [pool.submit(self._blob, digest, path) for digest, path in paths]:
                done.result()

    def manifest(self, document: bytes, media_type: str, name: str) -> None:
        """Put a manifest or index under a tag or its digest."""
        headers = {"content-type": media_type, "content-length": str(len(document))}
        for attempt in range(self._patience.tries):
            try:
                answer = self.session.send("PUT", f"manifests/{name}", headers, lambda: (document,))
            except NetworkError:
                if attempt + 1 == self._patience.tries:
                    raise
            else:
                if answer.status_code == 201:
                    return
                if answer.status_code not in _AGAIN or attempt + 1 == self._patience.tries:
                    raise self.session.refused(answer, f"manifests/{name}")
            self._patience.pause(pause_before(attempt, {}))

    def _blob(self, digest: str, path: Path) -> None:
        size = path.stat().st_size
        if self.has(digest, size):
            return
        self._on_event(Event("step", f"pushing {digest[:19]}, {size} bytes"))
        location = self._begin()
        try:
            location = self._bytes(location, path, size, digest)
            joint = "&" if "?" in location else "?"
            done = self.session.send("PUT", f"{location}{joint}digest={quote(digest)}")
            if done.status_code != 201:
                raise self.session.refused(done, f"blobs/{digest}")
        except NetworkError:
            self._cancel(location)
            raise
        self.uploaded_bytes += size

    def _begin(self) -> str:
        answer = self.session.send("POST", "blobs/uploads/")
        location = answer.headers.get("location", "")
        if answer.status_code != 202 or not location:
            raise self.session.refused(answer, "blobs/uploads/")
        return str(location)

    def _bytes(self, location: str, path: Path, size: int, digest: str) -> str:
        """Send the bytes, the rest of them after each break; the address that finishes the upload."""
        start = 0
        for attempt in range(self._patience.tries):
            headers = {
                "content-type": "application/octet-stream",
                "content-length": str(size - start),
                "content-range": f"{start}-{max(start, size - 1)}",
            }
            failure: NetworkError
            try:
                answer = self.session.send(
                    "PATCH",
                    location,
                    headers,
                    lambda start=start: _pieces(path, start),  # type: ignore[misc]
                )
                if answer.status_code in (201, 202, 204):
                    return str(answer.headers.get("location", location))
                failure = self.session.refused(answer, f"blobs/{digest}")
                if answer.status_code not in _AGAIN and answer.status_code != 416:
                    raise failure
            except NetworkError as error:
                failure = error
                if attempt + 1 == self._patience.tries:
                    raise
            if attempt + 1 == self._patience.tries:
                raise failure
            self._patience.pause(pause_before(attempt, {}))
            start, location = self._arrived(location)
            self._on_event(
                Event("warning", f"the upload of {digest[:19]} broke off and goes on at {start} bytes")
            )
        raise AssertionError("unreachable")

    def _arrived(self, location: str) -> tuple[int, str]:
        """How many bytes the registry has, and where the rest goes; from the start where it has forgotten the upload."""
        answer = self.session.send("GET", location)
        if answer.status_code not in (200, 202, 204):
            return 0, self._begin()
        _, _, last = answer.headers.get("range", "").rpartition("-")
        arrived = int(last) + 1 if last.isdigit() and last != "0" else 0
        return arrived, str(answer.headers.get("location", location))

    def _cancel(self, location: str) -> None:
        """Tell the registry to forget an upload; where that fails, it forgets by itself in time."""
        try:
            self.session.send("DELETE", location)
        except NetworkError:
            self._on_event(Event("detail", "an upload that was begun could not be cancelled"))


def _pieces(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while piece := file.read(MIB):
            yield piece
