"""Where the linter's settings come from: flags over the nearest configuration file over `.hadolint.yaml`."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from tare.api.config_file import find_config_file
from tare.core.errors import UsageError
from tare.rules.choices import LintChoices

NAMES = (".hadolint.yaml", ".hadolint.yml")


def find_choices(start: Path, environ: Mapping[str, str] | None = None) -> LintChoices:
    """The choices for a directory: `[lint]` of the nearest configuration file, else a file of hadolint, else none.

    hadolint's places: the directory, `$XDG_CONFIG_HOME/hadolint.yaml`, `~/.config/hadolint.yaml`,
    `~/.hadolint/hadolint.yaml`, `~/.hadolint/config.yaml`, `~/.hadolint.yaml`. Raises `UsageError`.
    """
    file = find_config_file(start)
    if file is not None and "lint" in file.table:
        import_table = import_module("tare.api.lint_table_file")
        choices = import_table.read_table(file)
        assert isinstance(choices, LintChoices)
        return choices
    for path in _hadolint_files(start, environ or {}):
        if path.is_file():
            return read_hadolint_file(path)
    return LintChoices()


def read_hadolint_file(path: Path) -> LintChoices:
    """The choices of one file of hadolint. Raises `UsageError`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("cannot be read", where=str(path)) from error
    choices = import_module("tare.rules.hadolint_file").read_hadolint(text, str(path))
    assert isinstance(choices, LintChoices)
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
