"""Credentials as `docker login` and `podman login` keep them: auths, credHelpers and credsStore.

Formats: https://docs.docker.com/reference/cli/docker/login/ ("Credential stores"), containers-auth.json(5), and the
protocol of docker-credential-helpers (`get`: the server on stdin, JSON on stdout).
"""

import base64
import binascii
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tare.core.errors import UsageError

_HELPER = re.compile(r"[A-Za-z0-9._-]+")
_HELPER_SECONDS = 60
_DOCKER_HUB_KEY = "https://index.docker.io/v1/"
_NOT_FOUND = "credentials not found"


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A user with a password, or an identity token (an OAuth2 refresh token). Never shown."""

    user: str = ""
    password: str = ""
    identity_token: str = ""

    def basic(self) -> str:
        """The value of an `Authorization` header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


class _Entry(msgspec.Struct, frozen=True):
    auth: str = ""
    username: str = ""
    password: str = ""
    identity_token: str = msgspec.field(name="identitytoken", default="")


class _File(msgspec.Struct, frozen=True):
    auths: dict[str, _Entry | None] | None = None
    helpers: dict[str, str] | None = msgspec.field(name="credHelpers", default=None)
    store: str = msgspec.field(name="credsStore", default="")


class _Answer(msgspec.Struct, frozen=True):
    user: str = msgspec.field(name="Username", default="")
    secret: str = msgspec.field(name="Secret", default="")


def find_credentials(
    host: str, repository: str, files: Iterable[Path], environ: Mapping[str, str]
) -> Credentials | None:
    """The credentials for a repository, from the first file that knows it. Raises `UsageError` for a broken one."""
    for path in files:
        try:
            raw = path.read_bytes()
        except OSError:
            continue  # absent or another user's: not meant for us
        found = _in_file(_read(raw, path), path, host, repository, environ)
        if found is not None:
            return found
    return None


def _read(raw: bytes, path: Path) -> _File:
    if not raw.strip():
        return _File()
    try:
        return msgspec.json.decode(raw, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"broken JSON: {error}", where=str(path), hint="log in again") from error


def _in_file(
    file: _File, path: Path, host: str, repository: str, environ: Mapping[str, str]
) -> Credentials | None:
    server = _DOCKER_HUB_KEY if host == "docker.io" else host
    for key in _keys(host, repository):
        helper = (file.helpers or {}).get(key)
        if helper and (found := _ask(helper, key, path, environ)) is not None:
            return found
    if file.store and (found := _ask(file.store, server, path, environ)) is not None:
        return found
    entries = {_normal(key): entry for key, entry in (file.auths or {}).items() if entry is not None}
    for key in _keys(host, repository):
        entry = entries.get(key)
        if entry is not None and (found := _decoded(entry, path)) is not None:
            return found
    return None


def _keys(host: str, repository: str) -> Iterator[str]:
    """From the most specific to the host, as containers-auth.json(5) says."""
    parts = repository.split("/")
    for count in range(len(parts), 0, -1):
        yield "/".join((host, *parts[:count]))
    yield host
    if host == "docker.io":
        yield "index.docker.io"
        yield "registry-1.docker.io"


def _normal(key: str) -> str:
    bare = re.sub(r"^https?://", "", key).rstrip("/")
    return re.sub(r"/v[12]$", "", bare)


def _decoded(entry: _Entry, path: Path) -> Credentials | None:
    user, password = entry.username, entry.password
    if entry.auth:
        try:
            text = base64.b64decode(entry.auth, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UsageError(
                "an auth entry that is not base64", where=str(path), hint="log in again"
            ) from error
        user, _, password = text.partition(":")
        password = password.strip("\0")
    if entry.identity_token:
        return Credentials(user, "", entry.identity_token)
    return Credentials(user, password) if user or password else None


def _ask(helper: str, server: str, path: Path, environ: Mapping[str, str]) -> Credentials | None:
    """Run a credential helper; None when it does not know the server."""
    if not _HELPER.fullmatch(helper):
        raise UsageError(f"not the name of a credential helper: {helper!r}", where=str(path))
    program = f"docker-credential-{helper}"
    try:
        done = subprocess.run(
            [program, "get"],
            input=server.encode(),
            capture_output=True,
            timeout=_HELPER_SECONDS,
            env=dict(environ) or None,
            check=False,
        )
    except FileNotFoundError as error:
        raise UsageError(
            f"{program} is not installed", where=str(path), hint="install it, or remove it from the file"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"{program} does not answer: {error}", where=str(path)) from error
    if done.returncode:
        said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
        if _NOT_FOUND in said:
            return None
        raise UsageError(f"{program} failed: {said[:200]}", where=str(path), hint="log in again")
    try:
        answer = msgspec.json.decode(done.stdout, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{program} answered no JSON", where=str(path)) from error
    if answer.user == "<token>":
        return Credentials(identity_token=answer.secret)
    return Credentials(answer.user, answer.secret) if answer.secret else None
