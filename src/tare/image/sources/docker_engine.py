"""A Docker engine (or podman's service) over its API: `GET /images/{name}/get` is `docker save`.

API: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageGet
"""

import tempfile
from contextlib import ExitStack
from typing import BinaryIO, cast
from urllib.parse import quote

import httpx

from tare.core.errors import EngineError, ImageError, UsageError
from tare.core.events import Event, EventSink
from tare.image.limits import MIB, Limits

DEFAULT_HOST = "unix:///var/run/docker.sock"


def engine_client(host: str) -> httpx.Client:
    """A client for `unix:///path`, `tcp://host:port` or `http(s)://host:port`; raises `UsageError`."""
    timeout = httpx.Timeout(30.0, read=600.0)
    if host.startswith("unix://"):
        transport = httpx.HTTPTransport(uds=host.removeprefix("unix://"))
        return httpx.Client(transport=transport, base_url="http://docker", timeout=timeout)
    if host.startswith(("tcp://", "http://", "https://")):
        return httpx.Client(base_url=host.replace("tcp://", "http://", 1), timeout=timeout, trust_env=False)
    raise UsageError(
        f"cannot talk to a Docker engine at {host!r}", hint="use unix:///path or tcp://host:port"
    )


def save_image(name: str, host: str, limits: Limits, resources: ExitStack, on_event: EventSink) -> BinaryIO:
    """The archive of an image, in an unnamed temporary file that lives as long as the image."""
    hint = f"is it running? docker -H {host} version"
    with engine_client(host) as client:
        try:
            with client.stream("GET", f"/images/{quote(name, safe='')}/get") as answer:
                if answer.status_code == 404:
                    answer.read()
                    raise ImageError(
                        f"the engine has no image {name}",
                        where=f"docker-daemon:{name}",
                        hint=f"docker pull {name}, or use docker://{name}",
                    )
                if answer.status_code != 200:
                    answer.read()
                    raise EngineError(
                        f"the engine answered {answer.status_code}: {answer.text[:300]}",
                        where=host,
                        hint=hint,
                    )
                on_event(Event("step", f"Saving {name} from the Docker engine"))
                target = tempfile.TemporaryFile(prefix="tare-")  # noqa: SIM115 (closed with the image)
                resources.enter_context(target)
                written = 0
                for piece in answer.iter_raw(MIB):
                    written += len(piece)
                    if written > limits.archive_bytes:
                        raise ImageError(f"larger than {limits.archive_bytes} bytes", where=name)
                    target.write(piece)
                target.flush()
        except httpx.HTTPError as error:
            raise EngineError(f"no answer from the Docker engine: {error}", where=host, hint=hint) from error
        except OSError as error:
            raise ImageError(
                f"the image cannot be kept in a temporary file: {error.strerror}",
                where=tempfile.gettempdir(),
                hint="free some space, or set TMPDIR",
            ) from error
    return cast(BinaryIO, target)


def has_image(name: str, host: str) -> bool:
    """Whether an engine answers there and has the image."""
    try:
        with engine_client(host) as client:
            return client.get(f"/images/{quote(name, safe='')}/json").status_code == 200
    except httpx.HTTPError:
        return False
