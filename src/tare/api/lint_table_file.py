"""The linter's settings out of the effective configuration."""

from collections.abc import Mapping
from pathlib import Path

from tare.api.config_file import find_config_file
from tare.api.config_keys import PREFIX
from tare.api.configuration import resolve_configuration
from tare.rules.choices import LintChoices, known, severities
from tare.rules.lint_table import LintTable
from tare.rules.settings import RuleSettings
from tare.schema.lint import Severity


def find_table(start: Path, environ: Mapping[str, str]) -> LintChoices | None:
    """The choices of the nearest configuration file, searched upwards, and of variables; None where neither says
    anything of the linter. Raises `UsageError` with the place of a key at fault."""
    given = {name: text for name, text in environ.items() if name.startswith(f"{PREFIX}LINT_")}
    file = find_config_file(start)
    if not given and (file is None or "lint" not in file.table):
        return None
    resolved = resolve_configuration(start, environ=given)
    return choices_of(resolved.configuration.lint, file.where(("lint",)) if file else "TARE_LINT_*")


def choices_of(table: LintTable, where: str) -> LintChoices:
    """The choices that a table stands for; `where` is named in errors. Raises `UsageError` for unknown rules."""
    for codes in table.per_path_ignores.values():
        known(codes, where)
    return LintChoices(
        rules=RuleSettings(
            select=known(table.select, where),
            extend_select=known(table.extend_select, where),
            ignore=known(table.ignore, where),
            severities=severities(table.severities, where),
            trusted_registries=table.trusted_registries,
            label_schema=table.label_schema,
            strict_labels=table.strict_labels,
        ),
        per_path_ignores=table.per_path_ignores,
        fail_on=None if table.fail_on == "never" else Severity(table.fail_on),
        shellcheck=table.shellcheck,
    )
