"""Where the linter's settings come from: flags over the nearest configuration file over `.hadolint.yaml`."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from tare.core.errors import UsageError
from tare.rules.choices import LintChoices

NAMES = (".hadolint.yaml", ".hadolint.yml")
VARIABLES = "TARE_LINT_"
_TABLE = re.compile(
    r"""\btool["']?\s*\.\s*["']?tare\b|^\s*\[\s*["']?tool["']?\s*\]|^\s*["']?tool["']?\s*=""", re.MULTILINE
)
CONFIGURATIONS = ("tare.toml", "pyproject.toml")


def find_choices(start: Path, environ: Mapping[str, str] | None = None) -> LintChoices:
    """The choices for a directory: `[lint]` of the nearest configuration file, else a file of hadolint, else none.

    hadolint's places: the directory, `$XDG_CONFIG_HOME/hadolint.yaml`, `~/.config/hadolint.yaml`,
    `~/.hadolint/hadolint.yaml`, `~/.hadolint/config.yaml`, `~/.hadolint.yaml`. Raises `UsageError`.
    """
    given = environ or {}
    files = (directory / name for directory in _upwards(start) for name in CONFIGURATIONS)
    if any(name.startswith(VARIABLES) for name in given) or any(map(_may_configure, files)):
        choices: LintChoices | None = import_module("tare.api.lint_table_file").find_table(start, given)
        if choices is not None:
            return choices
    for path in _hadolint_files(start, given):
        if path.is_file():
            return read_hadolint_file(path)
    return LintChoices()


def _may_configure(file: Path) -> bool:
    """Whether a file can hold a table of ours. Most projects have a pyproject.toml without one: reading it in full costs
    more than checking a Dockerfile."""
    if not file.is_file():
        return False
    if file.name != "pyproject.toml":
        return True
    try:
        return _TABLE.search(file.read_text("utf-8", "replace")) is not None
    except OSError:
        return True


def _upwards(start: Path) -> tuple[Path, ...]:
    full = start.resolve()
    return full, *full.parents


def read_hadolint_file(path: Path) -> LintChoices:
    """The choices of one file of hadolint. Raises `UsageError`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("cannot be read", where=str(path)) from error
    choices: LintChoices = import_module("tare.rules.hadolint_file").read_hadolint(text, str(path))
    return choices


def _hadolint_files(start: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    for name in NAMES:
        yield start / name
    if "XDG_CONFIG_HOME" in environ:
        yield Path(environ["XDG_CONFIG_HOME"]) / "hadolint.yaml"
        yield Path(environ["XDG_CONFIG_HOME"]) / "hadolint.yml"
    if "HOME" in environ:
        home = Path(environ["HOME"])
        for suffix in ("yaml", "yml"):
            yield home / ".config" / f"hadolint.{suffix}"
            yield home / ".hadolint" / f"hadolint.{suffix}"
            yield home / ".hadolint" / f"config.{suffix}"
            yield home / f".hadolint.{suffix}"
