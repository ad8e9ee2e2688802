"""From a reference to an open image: the one place that knows every source."""

from contextlib import ExitStack
from pathlib import Path

from tare.core.errors import ImageError
from tare.core.events import EventSink, null_sink
from tare.image.documents import Platform
from tare.image.limits import DEFAULT_LIMITS, Limits
from tare.image.model import Image, ImageSource, make_image
from tare.image.platforms import parse_platform
from tare.image.reference import ImageReference, Transport, parse_name, parse_reference
from tare.image.sources.archive import Archive, open_archive
from tare.image.sources.docker_archive import DockerArchiveSource
from tare.image.sources.docker_engine import DEFAULT_HOST, has_image, save_image
from tare.image.sources.oci_layout import DirectoryStore, OciLayoutSource


def open_image(
    reference: str,
    *,
    platform: str | None = None,
    docker_host: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_event: EventSink = null_sink,
) -> Image:
    """Open an image for reading: `docker-daemon:NAME`, `docker-archive:PATH[:NAME]`, `oci:PATH[:TAG]`,
    `oci-archive:PATH[:TAG]`, a bare path, or a bare name on the Docker engine.

    `platform` chooses within an index (default: this machine's); `docker_host` is what DOCKER_HOST would say.
    Raises `ImageError`, `EngineError` or `UsageError`. Close the image when done.
    """
    wanted = parse_platform(platform) if platform else None
    host = docker_host or DEFAULT_HOST
    parsed = _settle(parse_reference(reference), host)
    with ExitStack() as resources:
        source = _source(parsed, wanted, host, limits, resources, on_event)
        held = ExitStack()
        image = make_image(reference, source, held, limits)
        held.push(resources.pop_all())
        return image


def _source(
    reference: ImageReference,
    platform: Platform | None,
    host: str,
    limits: Limits,
    resources: ExitStack,
    on_event: EventSink,
) -> ImageSource:
    what = str(reference)
    path = Path(reference.path)
    match reference.transport:
        case Transport.OCI:
            if not path.is_dir():
                raise ImageError("no such directory", where=what, hint="name the layout's directory")
            return OciLayoutSource(DirectoryStore(path, what), reference.tag, platform, limits)
        case Transport.OCI_ARCHIVE | Transport.DOCKER_ARCHIVE:
            archive = open_archive(path, what, limits, resources)
            return _archived(archive, reference, platform, limits)
        case Transport.DOCKER_DAEMON:
            name = what.removeprefix("docker-daemon:")
            file = save_image(name, host, limits, resources, on_event)
            return _archived(
                Archive(file, what, limits), ImageReference(reference.transport), platform, limits
            )
        case _:
            raise ImageError(
                f"the transport {reference.transport.value} cannot be read yet",
                where=what,
                hint=f"copy it first: skopeo copy {what} oci:image",
            )


def _archived(
    archive: Archive, reference: ImageReference, platform: Platform | None, limits: Limits
) -> ImageSource:
    """An archive by what is in it: `docker save` of Docker ≥ 25 writes both formats into one file."""
    layout = "index.json" in archive and "oci-layout" in archive
    if reference.transport is Transport.OCI_ARCHIVE and not layout:
        raise ImageError(
            "no index.json and oci-layout in the archive",
            where=archive.what,
            hint="try docker-archive: instead",
        )
    if "manifest.json" in archive and reference.transport is not Transport.OCI_ARCHIVE:
        return DockerArchiveSource(archive, reference.tag, limits)
    if layout:
        return OciLayoutSource(archive, reference.tag, platform, limits)
    return DockerArchiveSource(archive, reference.tag, limits)


def _settle(reference: ImageReference, host: str) -> ImageReference:
    """A bare word: a path if there is one (its content decides), else a name on the engine."""
    if reference.transport is not Transport.AUTO:
        return reference
    text = reference.path
    for path, tag in ((text, None), tuple(text.rpartition(":")[::2])):
        if path and Path(path).is_dir():
            return ImageReference(Transport.OCI, path=path, tag=tag)
        if path and Path(path).is_file():
            return ImageReference(Transport.DOCKER_ARCHIVE, path=path, tag=tag)
    if "/" in text and text.startswith((".", "/", "~")):
        raise ImageError("no such file or directory", where=text, hint="check the path")
    name = parse_name(text)
    if has_image(text, host):
        bare = text if not name.tag else text.partition("@")[0].removesuffix(f":{name.tag}")
        return ImageReference(Transport.DOCKER_DAEMON, name=bare, tag=name.tag, digest=name.digest)
    raise ImageError(
        f"neither a path nor an image of the Docker engine: {text}",
        where=text,
        hint=f"docker pull {text}, or name an archive: docker-archive:PATH",
    )
