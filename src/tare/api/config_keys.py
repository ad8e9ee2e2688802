"""The keys that a configuration may have: their names, their variables, and values read from text."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from tare.core.errors import UsageError

PREFIX = "TARE_"
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One key that holds a value (not a table of further keys), with its type."""

    path: Path
    type: Any
    default: Any

    @property
    def name(self) -> str:
        """As people write it: `verify.port`."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable that sets it: `TARE_VERIFY_PORT`."""
        return PREFIX + "_".join(self.path).upper()


def keys_of(model: type[msgspec.Struct]) -> Mapping[str, Key]:
    """All keys of a configuration, by name, in the order of its fields."""
    return MappingProxyType({key.name: key for key in _walk(model, ())})


def _walk(model: type[msgspec.Struct], parents: Path) -> Iterable[Key]:
    hints = get_type_hints(model, include_extras=True)
    for field in msgspec.structs.fields(model):
        hint = hints[field.name]
        path = (*parents, field.encode_name)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from _walk(hint, path)
            continue
        default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        yield Key(path, hint, default)


def suggestion(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that was probably meant."""
    close = difflib.get_close_matches(name, list(names), 1, 0.6)
    return close[0] if close else None


def from_text(key: Key, text: str, where: str) -> Any:
    """A value out of a variable: text as it stands, lists separated by commas, everything else as JSON.

    Raises `UsageError` for what the key does not take.
    """
    shape = _shape(key.type)
    try:
        if shape is str:
            return msgspec.convert(text, key.type)
        stripped = text.strip()
        if shape in (tuple, list) and not stripped.startswith("["):
            items = [part.strip() for part in stripped.split(",") if part.strip()]
            return msgspec.convert(items, key.type, strict=False)
        return msgspec.json.decode(stripped, type=key.type)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise UsageError(
            f"{text!r} is no value for {key.name}: {plain(error)}", where=where, hint=_form(key, shape)
        ) from error


def _shape(hint: Any) -> Any:
    """The Python type behind annotations, literals and `| None`."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _shape(next(part for part in get_args(hint) if part is not type(None)))
    if origin is not None and origin not in (tuple, list, dict):
        first = get_args(hint)[0]
        return _shape(first) if hasattr(hint, "__metadata__") else type(first)
    return origin or hint


def _form(key: Key, shape: Any) -> str:
    if shape in (tuple, list):
        return f"{key.variable}=one,two or a JSON list"
    if shape is dict:
        return f'{key.variable} takes a JSON object, such as {{"NAME": "value"}}'
    return f"{key.variable} takes one {'number' if shape in (int, float) else 'value'}"


def plain(error: Exception) -> str:
    """msgspec's message without the path, which is said in our own words."""
    return str(error).partition(" - at `")[0]


def shown(value: Any) -> str:
    """A value as TOML writes it; `(none)` for a key that is not set."""
    if value is None:
        return "(none)"
    built = msgspec.to_builtins(value)
    return _toml(built)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_bare(str(key))} = {_toml(item)}" for key, item in value.items() if item is not None)
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return msgspec.json.encode(value).decode()


def _bare(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else f'"{name}"'
