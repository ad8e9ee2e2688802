"""The effective configuration: flags over `TARE_*` variables over the nearest file over defaults. What is not known is an
error, with the key that was probably meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from tare.api.config_file import ConfigFile, find_config_file
from tare.api.config_keys import PREFIX, Key, from_text, keys_of, plain, suggestion
from tare.core.errors import UsageError
from tare.inspect.settings import BudgetSettings
from tare.rules.lint_table import LintTable
from tare.schema.config import Origin
from tare.verify import VerifySettings

Count = Annotated[int, msgspec.Meta(ge=0)]
Amount = Annotated[float, msgspec.Meta(ge=0)]
Rate = Annotated[float, msgspec.Meta(gt=0)]
ADDED = frozenset({"without"})
"""Keys whose flags add to what is configured; every other flag replaces it."""


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[costs]`: what the comparison computes money and time from (see `CostInputs`)."""

    deployments_per_day: Count = 20
    builds_per_day: Count = 50
    images_kept: Count = 30
    storage_usd_per_gb_month: Amount = 0.10
    pull_mbps: tuple[Rate, ...] = (100.0, 1000.0)


class Estimates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[estimates]`: where sizes come from when nothing is built. `debian_mirror`: a mirror of Debian's archive, else the
    official one. `cache_days`: how long its package lists are kept."""

    debian_mirror: str | None = None
    cache_days: Count = 7


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[verify]`, `[costs]`, `[estimates]`, `[budget]`, `[lint]`, and at the top `builder` and `network` (of builds), `without`
    (transforms to leave out), `torch` and `torch_index`."""

    builder: str = "auto"
    network: str | None = None
    without: tuple[str, ...] = ()
    torch: Literal["auto", "keep"] = "auto"
    torch_index: str | None = None
    verify: VerifySettings = VerifySettings()
    costs: Costs = Costs()
    estimates: Estimates = Estimates()
    budget: BudgetSettings = BudgetSettings()
    lint: LintTable = LintTable()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from: `tare.toml:3`, a variable's or a flag's name; '' for a default."""

    origin: Origin
    where: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """A configuration, the file it was read from, and the source of each key by name."""

    configuration: Configuration
    file: Path | None
    sources: Mapping[str, Source]


def load_configuration(
    start: Path,
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, tuple[str, Any]] | None = None,
) -> Configuration:
    """The effective configuration for a directory (see `resolve_configuration`)."""
    return resolve_configuration(start, environ=environ, flags=flags).configuration


def resolve_configuration(
    start: Path,
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, tuple[str, Any]] | None = None,
) -> Resolved:
    """Search upwards from `start` for a file, then lay variables and flags over it.

    `flags` maps keys to (flag, value). Raises `UsageError` with the file and line, the variable or the flag at fault.
    """
    keys = keys_of(Configuration)
    file = find_config_file(start)
    sources: dict[str, Source] = {name: Source("default", "") for name in keys}
    tree: dict[str, Any] = {}
    if file is not None:
        _take_file(file, keys, tree, sources)
    for variable, text in sorted((environ or {}).items()):
        if variable.startswith(PREFIX):
            key = _key_of_variable(variable, keys)
            _put(tree, key, from_text(key, text, variable))
            sources[key.name] = Source("variable", variable)
    for name, (flag, value) in (flags or {}).items():
        key = keys[name]
        if name in ADDED:
            value = (*_get(tree, key), *value)
        _put(tree, key, value)
        sources[name] = Source("flag", flag)
    try:
        configuration = msgspec.convert(tree, Configuration)
    except msgspec.ValidationError as error:
        raise _invalid(error, keys, sources) from error
    return Resolved(configuration, file.path if file else None, sources)


def _take_file(
    file: ConfigFile, keys: Mapping[str, Key], tree: dict[str, Any], sources: dict[str, Source]
) -> None:
    tables = {key.path[:length] for key in keys.values() for length in range(1, len(key.path))}

    def take(table: Mapping[str, Any], above: tuple[str, ...]) -> None:
        for name, value in table.items():
            path = (*above, name)
            dotted = ".".join(path)
            if path in tables:
                if not isinstance(value, dict):
                    raise UsageError(
                        f"{dotted} is a table, not a value", where=file.where(path), hint=f"write [{dotted}]"
                    )
                take(value, path)
            elif dotted in keys:
                _put(tree, keys[dotted], value)
                sources[dotted] = Source("file", file.where(path))
            else:
                known = [*keys, *(".".join(table) for table in tables)]
                raise UsageError(
                    f"there is no key {dotted}", where=file.where(path), hint=_meant(dotted, known)
                )

    take(file.table, ())
    try:
        msgspec.convert(tree, Configuration)
    except msgspec.ValidationError as error:
        raise _invalid(error, keys, sources) from error


def _key_of_variable(variable: str, keys: Mapping[str, Key]) -> Key:
    by_variable = {key.variable: key for key in keys.values()}
    if variable not in by_variable:
        raise UsageError(
            "no key has this variable", where=variable, hint=_meant(variable, sorted(by_variable))
        )
    return by_variable[variable]


def _meant(name: str, names: list[str]) -> str:
    close = suggestion(name, names)
    return f"did you mean {close}?" if close else "`tare config show` lists all keys and their variables"


def _invalid(
    error: msgspec.ValidationError, keys: Mapping[str, Key], sources: Mapping[str, Source]
) -> UsageError:
    """What is wrong, with the key's own place; msgspec names it at the end (`$.verify.port`)."""
    _, _, tail = str(error).partition(" - at `$")
    path = tail.rstrip("`").lstrip(".")
    name = max((key for key in keys if path.startswith(key)), key=len, default="")
    source = sources.get(name)
    rest = path.removeprefix(name)
    message = f"{name}{rest}: {plain(error)}" if name else plain(error)
    return UsageError(
        message, where=source.where if source else None, hint="`tare config show` lists all keys"
    )


def _put(tree: dict[str, Any], key: Key, value: Any) -> None:
    for name in key.path[:-1]:
        tree = tree.setdefault(name, {})
    tree[key.path[-1]] = value


def _get(tree: Mapping[str, Any], key: Key) -> Any:
    found: Any = tree
    for name in key.path:
        if not isinstance(found, Mapping) or name not in found:
            return key.default
        found = found[name]
    return found
