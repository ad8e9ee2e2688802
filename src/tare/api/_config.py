"""`tare config show` as a function."""

import re
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec

from tare import __version__
from tare.api.config_keys import Key, keys_of, shown
from tare.api.configuration import Configuration, resolve_configuration
from tare.core.redaction import is_secret_name
from tare.schema.config import ConfigReport, ConfigValue

HIDDEN = "***"
CREDENTIALS = re.compile(r"//[^/@\s]+@")


def config(
    path: Path,
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, tuple[str, Any]] | None = None,
) -> ConfigReport:
    """Every key's effective value for a directory, and where each came from. Raises `UsageError`."""
    resolved = resolve_configuration(path, environ=environ, flags=flags)
    values = []
    for name, key in keys_of(Configuration).items():
        source = resolved.sources[name]
        values.append(
            ConfigValue(name, _text(resolved.configuration, key), source.origin, source.where, key.variable)
        )
    file = str(resolved.file) if resolved.file else None
    return ConfigReport("config", __version__, str(path), file, tuple(values))


def _text(configuration: Configuration, key: Key) -> str:
    value: Any = reduce(getattr, key.path, configuration)
    return CREDENTIALS.sub(f"//{HIDDEN}@", shown(_without_secrets(msgspec.to_builtins(value))))


def _without_secrets(value: Any) -> Any:
    """The same with the values hidden whose names say that they are secret."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if isinstance(item, str) and _secret(str(name)) else _without_secrets(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(item) for item in value]
    return value


def _secret(name: str) -> bool:
    return is_secret_name(name.replace("-", "_")) or name.lower() in ("authorization", "cookie")
