"""Reads `[lint]` of a configuration file."""

from pathlib import Path

import msgspec

from tare.api.config_file import ConfigFile, find_config_file
from tare.core.errors import UsageError
from tare.rules.choices import LintChoices
from tare.rules.lint_table import LintTable


def find_table(start: Path) -> LintChoices | None:
    """The choices of the nearest configuration file, searched upwards; None where it has no such table."""
    file = find_config_file(start)
    return read_table(file) if file is not None and "lint" in file.table else None


def read_table(file: ConfigFile) -> LintChoices:
    """The choices that the table makes. Raises `UsageError` with the line of the key at fault."""
    where = file.where(("lint",))
    try:
        return msgspec.convert(file.table["lint"], LintTable).choices(where)
    except msgspec.ValidationError as error:
        raise UsageError(f"lint: {error}", where=where, hint="`tare config show` lists all keys") from error
