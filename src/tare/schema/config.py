"""What `tare config show` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.report import SCHEMA_VERSION

Origin = Literal["default", "file", "variable", "flag"]


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """One key with its effective value, as TOML writes it, and where that came from.

    `where`: `tare.toml:3`, the variable's name, or the flag's; '' for a default. `variable`: the environment variable that
    would set the key. A value whose name says that it is secret is shown as `***`.
    """

    key: str
    value: str
    origin: Origin
    where: str
    variable: str


@dataclass(frozen=True, slots=True)
class ConfigReport:
    """The effective configuration for a directory. `file` is the one that was found, None where there is none."""

    verb: Literal["config"]
    tool_version: str
    path: str
    file: str | None
    values: tuple[ConfigValue, ...]
    schema_version: int = field(default=SCHEMA_VERSION)
