"""From a reference to an open image: the one place that knows every source.

The sources that need HTTP are imported when they are used: the client costs more than reading a small archive.
"""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tare.core.errors import ImageError, NetworkError, UsageError
from tare.core.events import Event, EventSink, null_sink
from tare.image.access import Access, access_of_process
from tare.image.documents import Platform
from tare.image.limits import DEFAULT_LIMITS, Limits
from tare.image.model import Image, ImageSource, make_image
from tare.image.platforms import fits_platform, parse_platform
from tare.image.reference import DockerName, ImageReference, Transport, parse_name, parse_reference
from tare.image.sources.archive import Archive, open_archive, read_stdin
from tare.image.sources.containers_storage import find_in_stores
from tare.image.sources.docker_archive import DockerArchiveSource
from tare.image.sources.oci_layout import DirectoryStore, OciLayoutSource

STDIN = "-"


def open_image(
    reference: str,
    *,
    platform: str | None = None,
    docker_host: str | None = None,
    access: Access | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_event: EventSink = null_sink,
) -> Image:
    """Open an image for reading: `docker-daemon:NAME`, `docker-archive:PATH[:NAME]`, `oci:PATH[:TAG]`,
    `oci-archive:PATH[:TAG]`, `containers-storage:NAME`, `docker://NAME`, a bare path, `-` for an archive on stdin, or
    a bare name: asked of the Docker engine, of containers-storage, then of the registry.

    `platform` chooses within an index (default: this machine's); `docker_host` is what DOCKER_HOST would say.
    `access` says which engines, stores, credentials and mirrors may be used; without it, those that Docker and
    Podman would use in this process's environment. Raises `ImageError`, `EngineError`, `NetworkError` or
    `UsageError`. Close the image when done.
    """
    wanted = parse_platform(platform) if platform else None
    access = access or access_of_process()
    if docker_host:
        access = replace(access, docker_host=docker_host)
    with ExitStack() as resources:
        source = _Opener(wanted, access, limits, resources, on_event).open(reference)
        held = ExitStack()
        image = make_image(reference, source, held, limits)
        chosen = not isinstance(source, DockerArchiveSource)  # by an index; these archives have none
        if wanted is not None and not chosen and not fits_platform(image.config.platform, wanted):
            raise ImageError(
                f"the image is for {image.config.platform}, not for {wanted}",
                where=reference,
                hint="leave --platform out, or fetch the other image",
            )
        held.push(resources.pop_all())
        return image


class _Opener:
    """What opening one image needs, so that it is not passed from hand to hand."""

    def __init__(
        self,
        platform: Platform | None,
        access: Access,
        limits: Limits,
        resources: ExitStack,
        on_event: EventSink,
    ) -> None:
        self._platform = platform
        self._access = access
        self._limits = limits
        self._resources = resources
        self._on_event = on_event

    def open(self, text: str) -> ImageSource:
        """The source that a reference names."""
        if text == STDIN:
            if self._access.stdin is None:
                raise UsageError(
                    "nothing to read on stdin", where=text, hint="docker save NAME | tare inspect -"
                )
            archive = read_stdin(self._access.stdin, self._limits, self._resources)
            return self._archived(archive, ImageReference(Transport.DOCKER_ARCHIVE, path=text))
        reference = parse_reference(text)
        what = str(reference)
        match reference.transport:
            case Transport.OCI:
                return self._layout(reference)
            case Transport.OCI_ARCHIVE | Transport.DOCKER_ARCHIVE:
                archive = open_archive(Path(reference.path), what, self._limits, self._resources)
                return self._archived(archive, reference)
            case Transport.DOCKER_DAEMON:
                return self._saved(what.removeprefix("docker-daemon:"))
            case Transport.CONTAINERS_STORAGE:
                return self._stored(reference.name)
            case Transport.REGISTRY:
                return self._pulled(parse_name(what.removeprefix("docker://")))
            case Transport.AUTO:
                return self._bare(text)

    def _layout(self, reference: ImageReference) -> ImageSource:
        path, what = Path(reference.path), str(reference)
        if not path.is_dir():
            raise ImageError("no such directory", where=what, hint="name the layout's directory")
        return OciLayoutSource(DirectoryStore(path, what), reference.tag, self._platform, self._limits)

    def _archived(self, archive: Archive, reference: ImageReference) -> ImageSource:
        """An archive by what is in it: `docker save` of Docker ≥ 25 writes both formats into one file."""
        layout = "index.json" in archive and "oci-layout" in archive
        if reference.transport is Transport.OCI_ARCHIVE and not layout:
            raise ImageError(
                "no index.json and oci-layout in the archive",
                where=archive.what,
                hint="try docker-archive: instead",
            )
        if layout and ("manifest.json" not in archive or reference.transport is Transport.OCI_ARCHIVE):
            return OciLayoutSource(archive, reference.tag, self._platform, self._limits)
        return DockerArchiveSource(archive, reference.tag, self._limits)

    def _saved(self, name: str) -> ImageSource:
        from tare.image.sources.docker_engine import save_image

        file = save_image(name, self._access, self._platform, self._limits, self._resources, self._on_event)
        archive = Archive(file, f"docker-daemon:{name}", self._limits)
        return self._archived(archive, ImageReference(Transport.DOCKER_DAEMON))

    def _stored(self, name: str) -> ImageSource:
        from_store = find_in_stores(name, self._access.stores, self._platform, self._limits)
        if from_store is None:
            places = ", ".join(str(place.graph_root) for place in self._access.stores) or "none"
            raise ImageError(
                f"no store has {name}",
                where=f"containers-storage:{name}",
                hint=f"podman pull {name}; looked in {places}",
            )
        return from_store

    def _pulled(self, name: DockerName) -> ImageSource:
        from tare.image.sources.registry import open_registry

        return open_registry(
            name, self._platform, self._access, self._limits, self._resources, self._on_event
        )

    def _bare(self, text: str) -> ImageSource:
        """A path if there is one (its content decides), else a name: engine, stores, registry."""
        for path, tag in ((text, None), tuple(text.rpartition(":")[::2])):
            if path and Path(path).is_dir():
                return self._layout(ImageReference(Transport.OCI, path=path, tag=tag))
            if path and Path(path).is_file():
                reference = ImageReference(Transport.DOCKER_ARCHIVE, path=path, tag=tag)
                archive = open_archive(Path(path), str(reference), self._limits, self._resources)
                return self._archived(archive, reference)
        if "/" in text and text.startswith((".", "/", "~")):
            raise ImageError("no such file or directory", where=text, hint="check the path")
        name = parse_name(text)
        from tare.image.sources.docker_engine import has_image

        if has_image(text, self._access):
            return self._saved(text)
        try:
            found = find_in_stores(text, self._access.stores, self._platform, self._limits)
        except ImageError as error:  # a store that cannot be read must not hide the registry
            self._on_event(Event("warning", str(error)))
            found = None
        if found is not None:
            return found
        try:
            return self._pulled(name)
        except NetworkError as error:
            raise NetworkError(
                f"neither a path, nor an image of an engine here, nor to be had from a registry: {error.message}",
                where=text,
                hint=error.hint,
            ) from error
