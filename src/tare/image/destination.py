"""Where an image may be written to: `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME]`,
`docker-daemon:NAME`."""

from dataclasses import dataclass
from pathlib import Path

from tare.core.errors import UsageError
from tare.image.reference import Transport, parse_name, parse_reference

WRITABLE = (Transport.OCI, Transport.OCI_ARCHIVE, Transport.DOCKER_ARCHIVE, Transport.DOCKER_DAEMON)
_HINT = "oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or docker-daemon:NAME[:TAG]"


@dataclass(frozen=True, slots=True)
class Destination:
    """A transport with the path, and the name or tag that the image gets there ('' for none)."""

    transport: Transport
    path: Path
    name: str

    def __str__(self) -> str:
        if self.transport is Transport.DOCKER_DAEMON:
            return f"docker-daemon:{self.name}"
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
    path = Path(reference.path)
    name = reference.tag or ""
    if reference.transport is Transport.DOCKER_ARCHIVE and name:
        parsed = parse_name(name)
        name = name if parsed.tag else f"{name}:latest"
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
    return Destination(reference.transport, path, name)
