"""The nearest `tare.toml`, or `[tool.tare]` of the nearest `pyproject.toml`. Unknown keys are errors."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from tare.core.errors import UsageError
from tare.verify import VerifySettings


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[costs]`: what the comparison computes money and time from (see `CostInputs`)."""

    deployments_per_day: int = 20
    builds_per_day: int = 50
    images_kept: int = 30
    storage_usd_per_gb_month: float = 0.10


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[verify]`, `[costs]`, and top-level `without` (transforms to leave out), `torch` and `torch_index`."""

    verify: VerifySettings = VerifySettings()
    costs: Costs = Costs()
    without: tuple[str, ...] = ()
    torch: str = "auto"
    torch_index: str | None = None


def load_configuration(start: Path) -> Configuration:
    """Search upwards from a directory. Raises `UsageError` with the file and the key."""
    for directory in (start.resolve(), *start.resolve().parents):
        own = directory / "tare.toml"
        if own.is_file():
            return _decode(_parse(own), own)
        project = directory / "pyproject.toml"
        if project.is_file():
            table = _parse(project).get("tool", {}).get("tare")
            if table is not None:
                return _decode(table, project)
    return Configuration()


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not TOML: {error}", where=str(path)) from error
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _decode(table: object, path: Path) -> Configuration:
    try:
        return msgspec.convert(table, Configuration)
    except msgspec.ValidationError as error:
        raise UsageError(str(error), where=str(path), hint="see docs/guide.md for all keys") from error
