"""Where an image may be written to: `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME]`,
`docker-daemon:NAME`, `docker://NAME`."""

from dataclasses import dataclass
from pathlib import Path

from tare.core.errors import UsageError
from tare.image.reference import Transport, parse_name, parse_reference

WRITABLE = (
    Transport.OCI,
    Transport.OCI_ARCHIVE,
    Transport.DOCKER_ARCHIVE,
    Transport.DOCKER_DAEMON,
    Transport.REGISTRY,
)
_HINT = (
    "oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], docker-daemon:NAME[:TAG] "
    "or docker://NAME[:TAG]"
)


@dataclass(frozen=True, slots=True)
class Destination:
    """A transport with the path, and the name or tag that the image gets there ('' for none)."""

    transport: Transport
    path: Path
    name: str

    def __str__(self) -> str:
        if self.transport is Transport.DOCKER_DAEMON:
            return f"docker-daemon:{self.name}"
        if self.transport is Transport.REGISTRY:
            return f"docker://{self.name}"
        return f"{self.transport.value}:{self.path}" + (f":{self.name}" if self.name else "")


def parse_destination(text: str) -> Destination:
    """Read a destination and check that it could be written. Raises `UsageError`."""
    reference = parse_reference(text)
    if reference.transport not in WRITABLE:
        raise UsageError(f"cannot write to {text!r}", hint=_HINT)
    if reference.transport is Transport.DOCKER_DAEMON:
        if reference.digest or not reference.name:
            raise UsageError(f"not a name for a new image: {text!r}", hint="docker-daemon:NAME[:TAG]")
        return Destination(reference.transport, Path(), f"{reference.name}:{reference.tag or 'latest'}")
    if reference.transport is Transport.REGISTRY:
        name = parse_name(str(reference).removeprefix("docker://"))
        if name.digest:
            raise UsageError(f"a digest cannot be chosen: {text!r}", hint="docker://NAME[:TAG]")
        return Destination(
            reference.transport, Path(), f"{name.domain}/{name.repository}:{name.tag or 'latest'}"
        )
    path = Path(reference.path)
    tag = reference.tag or ""
    if reference.transport is Transport.DOCKER_ARCHIVE and tag:
        parsed = parse_name(tag)
        tag = tag if parsed.tag else f"{tag}:latest"
    if reference.transport is Transport.OCI:
        if (
            path.exists()
            and not (path / "oci-layout").is_file()
            and (not path.is_dir() or any(path.iterdir()))
        ):
            raise UsageError(f"{path} exists and is no OCI layout", hint="name a new or empty directory")
    elif path.is_dir():
        raise UsageError(f"{path} is a directory", hint="name a file")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no directory {path.absolute().parent}", hint="make it first")
    return Destination(reference.transport, path, tag)
