"""What opening an image may use: engines, credentials, mirrors, stores. Made from the environment once, at the rim."""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tare.core.errors import UsageError

DEFAULT_HOST = "unix:///var/run/docker.sock"
_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""OpenSSL's variables; Docker, Podman and skopeo obey them, too."""
MIRRORS_VARIABLE = "TARE_REGISTRY_MIRRORS"


@dataclass(frozen=True, slots=True)
class RegistryRule:
    """How one prefix of names is reached (an entry of registries.conf)."""

    prefix: str
    """`host[:port][/path]`; the longest that fits a name counts."""
    location: str = ""
    """What stands in the prefix's place; empty: the prefix itself."""
    mirrors: tuple[str, ...] = ()
    """Tried in order before the location, each `host[:port][/path]`."""
    insecure: frozenset[str] = frozenset()
    """Those of mirrors and location that need no verified TLS."""
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A containers-storage to look into; an empty driver means whichever is found there."""

    graph_root: Path
    driver: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Everything outside the process that `open_image` may touch. The default knows no credentials."""

    docker_host: str = DEFAULT_HOST
    docker_certificates: Path | None = None
    """A directory with ca.pem, cert.pem and key.pem for a `tcp://` engine."""
    auth_files: tuple[Path, ...] = ()
    """`config.json` or `auth.json` files, the first that knows a registry counts."""
    registries: tuple[RegistryRule, ...] = ()
    insecure: bool = False
    """Any registry may be asked without verified TLS, or without TLS."""
    certificate_folders: tuple[Path, ...] = ()
    """Directories with `HOST[:PORT]/*.crt` and client `*.cert` with `*.key`."""
    authorities: tuple[Path, ...] = ()
    """Files of certificates, or directories of them as OpenSSL hashes them, that are trusted besides the system's."""
    stores: tuple[StorePlace, ...] = ()
    stdin: BinaryIO | None = None
    """What `-` reads."""
    helper_environment: Mapping[str, str] = field(default_factory=dict)
    """The environment that credential helpers run in."""


def access_from_environment(
    environ: Mapping[str, str],
    *,
    docker_host: str | None = None,
    insecure: bool = False,
    stdin: BinaryIO | None = None,
    user: int | None = None,
) -> Access:
    """What Docker, Podman and skopeo would use in this environment. Raises `UsageError` for broken settings."""
    uid = os.getuid() if user is None else user
    home = Path(environ.get("HOME") or "/")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or (f"/run/user/{uid}" if uid else "/run"))
    verify = environ.get("DOCKER_TLS_VERIFY")
    return Access(
        docker_host=docker_host or environ.get("DOCKER_HOST") or _default_host(runtime, uid),
        docker_certificates=Path(environ.get("DOCKER_CERT_PATH") or home / ".docker") if verify else None,
        auth_files=_auth_files(environ, home, config, runtime, uid),
        registries=(*_env_mirrors(environ), *_registries(environ, config)),
        insecure=insecure,
        certificate_folders=(
            *((config / "containers/certs.d", home / ".docker/certs.d") if uid else ()),
            Path("/etc/containers/certs.d"),
            Path("/etc/docker/certs.d"),
        ),
        authorities=tuple(Path(environ[name]) for name in _AUTHORITIES if environ.get(name)),
        stores=_stores(environ, home, config, uid),
        stdin=stdin,
        helper_environment=dict(environ),
    )


def access_of_process() -> Access:
    """What this process's own environment and stdin give: for those who call the library without saying more."""
    return access_from_environment(os.environ, stdin=getattr(sys.stdin, "buffer", None))


def _default_host(runtime: Path, uid: int) -> str:
    rootless = runtime / "docker.sock"
    return f"unix://{rootless}" if uid and rootless.exists() else DEFAULT_HOST


def _auth_files(
    environ: Mapping[str, str], home: Path, config: Path, runtime: Path, uid: int
) -> tuple[Path, ...]:
    """containers-auth.json(5), "FORMAT"; then Docker's own."""
    if named := environ.get("REGISTRY_AUTH_FILE"):
        return (Path(named),)
    at_run = runtime / "containers/auth.json"
    if not environ.get("XDG_RUNTIME_DIR"):
        at_run = Path(f"/run/containers/{uid}/auth.json")
    docker = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    return at_run, config / "containers/auth.json", docker / "config.json"


def _env_mirrors(environ: Mapping[str, str]) -> tuple[RegistryRule, ...]:
    """`docker.io=mirror.example[,second.example];ghcr.io=…`; mirrors with `http://` may go without TLS."""
    rules = []
    for part in environ.get(MIRRORS_VARIABLE, "").split(";"):
        prefix, equals, listed = part.strip().partition("=")
        names = [name.strip() for name in listed.split(",") if name.strip()]
        if not part.strip():
            continue
        if not equals or not prefix or not names:
            raise UsageError(
                f"not a list of mirrors: {part!r}",
                where=MIRRORS_VARIABLE,
                hint="for example docker.io=mirror.example:5000",
            )
        plain = [_without_scheme(name) for name in names]
        open_ones = frozenset(_without_scheme(name) for name in names if name.startswith("http://"))
        rules.append(RegistryRule(prefix, "", tuple(plain), open_ones))
    return tuple(rules)


def _without_scheme(text: str) -> str:
    return text.removeprefix("https://").removeprefix("http://").rstrip("/")


def _registries(environ: Mapping[str, str], config: Path) -> tuple[RegistryRule, ...]:
    """registries.conf(5): the user's file if there is one, else the system's, then `registries.conf.d`."""
    named = environ.get("CONTAINERS_REGISTRIES_CONF")
    own = Path(named) if named else config / "containers/registries.conf"
    system = Path("/etc/containers/registries.conf")
    files = [own if named or own.is_file() else system]
    if not named:
        files += sorted(Path("/etc/containers/registries.conf.d").glob("*.conf"))
    rules: list[RegistryRule] = []
    for path in files:
        table = _toml(path)
        entries = table.get("registry", [])
        rules += [_rule(entry, path) for entry in entries if isinstance(entry, dict)]
    return tuple(rules)


def _rule(entry: Mapping[str, Any], path: Path) -> RegistryRule:
    location = str(entry.get("location", ""))
    prefix = str(entry.get("prefix", "")) or location
    if not prefix:
        raise UsageError("a registry without prefix and location", where=str(path))
    mirrors = [one for one in entry.get("mirror", []) if isinstance(one, dict) and one.get("location")]
    insecure = {str(one["location"]) for one in mirrors if one.get("insecure") is True}
    if entry.get("insecure") is True:
        insecure.add(location or prefix)
    return RegistryRule(
        prefix,
        location,
        tuple(str(one["location"]) for one in mirrors),
        frozenset(insecure),
        entry.get("blocked") is True,
    )


def _stores(environ: Mapping[str, str], home: Path, config: Path, uid: int) -> tuple[StorePlace, ...]:
    """storage.conf(5) as c/storage looks for it, then its default places, and additional image stores."""
    named = environ.get("CONTAINERS_STORAGE_CONF")
    candidates = [Path(named)] if named else []
    if not named:
        candidates += [config / "containers/storage.conf"] if uid else []
        candidates += [Path("/etc/containers/storage.conf"), Path("/usr/share/containers/storage.conf")]
    table: Mapping[str, Any] = {}
    for path in candidates:
        if path.is_file():
            table = _toml(path).get("storage", {})
            break
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    default = data / "containers/storage" if uid else Path("/var/lib/containers/storage")
    root = table.get("rootless_storage_path" if uid else "graphroot") or table.get("graphroot") or default
    driver = environ.get("STORAGE_DRIVER") or str(table.get("driver", ""))
    text = str(root).replace("$HOME", str(home)).replace("$UID", str(uid))
    more = table.get("options", {}).get("additionalimagestores", [])
    return (StorePlace(Path(text), driver), *(StorePlace(Path(str(one))) for one in more))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not TOML: {error}", where=str(path), hint="correct the file") from error
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
