"""A Docker engine (or podman's service) over its API: `GET /images/{name}/get` is `docker save`.

API: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageGet
"""

import json
import ssl
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

import httpx

from tare.core.errors import EngineError, ImageError, UsageError
from tare.core.events import Event, EventSink
from tare.image.access import DEFAULT_HOST, Access
from tare.image.documents import Platform
from tare.image.limits import MIB, Limits

__all__ = ["DEFAULT_HOST", "engine_client", "has_image", "save_image"]

_PLATFORM_API = (1, 48)  # since then `get` takes a platform


def engine_client(host: str, folder: Path | None = None) -> httpx.Client:
    """A client for `unix:///path`, `tcp://host:port` or `http(s)://host:port`; `folder` has the certificates for a
    `tcp://` engine. Raises `UsageError`."""
    timeout = httpx.Timeout(30.0, read=600.0)
    if host.startswith("unix://"):
        transport = httpx.HTTPTransport(uds=host.removeprefix("unix://"))
        return httpx.Client(transport=transport, base_url="http://docker", timeout=timeout)
    if host.startswith(("tcp://", "http://", "https://")):
        secure = folder is not None or host.startswith("https://")
        url = f"{'https' if secure else 'http'}://{host.partition('://')[2]}"
        if folder is None:
            return httpx.Client(base_url=url, timeout=timeout, trust_env=False)
        try:
            context = ssl.create_default_context(cafile=folder / "ca.pem")
            context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        except OSError as error:
            raise UsageError(
                f"no usable ca.pem, cert.pem and key.pem: {error}",
                where=str(folder),
                hint="check DOCKER_CERT_PATH and DOCKER_TLS_VERIFY",
            ) from error
        return httpx.Client(base_url=url, timeout=timeout, trust_env=False, verify=context)
    raise UsageError(
        f"cannot talk to a Docker engine at {host!r}", hint="use unix:///path or tcp://host:port"
    )


def _platform_query(client: httpx.Client, platform: Platform | None) -> dict[str, str]:
    """`platform` as the engine wants it, where it is asked for and the engine knows how."""
    if platform is None:
        return {}
    version = client.get("/_ping").headers.get("api-version", "0.0").split(".")
    if not all(part.isdigit() for part in version) or tuple(map(int, version)) < _PLATFORM_API:
        return {}  # such engines keep one platform of a name; make sure below that it is the one
    fields = {"os": platform.os, "architecture": platform.architecture, "variant": platform.variant}
    return {"platform": json.dumps({key: value for key, value in fields.items() if value})}


def save_image(
    name: str,
    access: Access,
    platform: Platform | None,
    limits: Limits,
    resources: ExitStack,
    on_event: EventSink,
) -> BinaryIO:
    """The archive of an image, in an unnamed temporary file that lives as long as the image."""
    host = access.docker_host
    hint = f"is it running? docker -H {host} version"
    with engine_client(access.docker_host, access.docker_certificates) as client:
        try:
            query = _platform_query(client, platform)
            with client.stream("GET", f"/images/{quote(name, safe='')}/get", params=query) as answer:
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


def has_image(name: str, access: Access) -> bool:
    """Whether an engine answers there and has the image."""
    try:
        with engine_client(access.docker_host, access.docker_certificates) as client:
            return client.get(f"/images/{quote(name, safe='')}/json").status_code == 200
    except httpx.HTTPError:
        return False
