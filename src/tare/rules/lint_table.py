"""`[lint]` of `tare.toml`, or `[tool.tare.lint]` of `pyproject.toml`."""

from typing import Literal

import msgspec

from tare.rules.choices import LintChoices, known, severities
from tare.rules.settings import RuleSettings
from tare.schema.lint import Severity

LabelType = Literal["text", "rawtext", "url", "semver", "hash", "rfc3339", "spdx", "email"]


class LintTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of the table. `select` replaces the rules that are on by default, `extend_select` adds to them;
    both, and `ignore`, take codes, beginnings of codes, names, and codes of other tools."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_path_ignores: dict[str, tuple[str, ...]] = {}
    severities: dict[str, Literal["error", "warning", "info", "style"]] = {}
    trusted_registries: tuple[str, ...] = ()
    label_schema: dict[str, LabelType] = {}
    strict_labels: bool = False
    fail_on: Literal["error", "warning", "info", "style", "never"] = "warning"
    shellcheck: bool = False

    def choices(self, where: str) -> LintChoices:
        """The choices that it stands for; `where` is named in errors. Raises `UsageError` for unknown rules."""
        for codes in self.per_path_ignores.values():
            known(codes, where)
        return LintChoices(
            rules=RuleSettings(
                select=known(self.select, where),
                extend_select=known(self.extend_select, where),
                ignore=known(self.ignore, where),
                severities=severities(self.severities, where),
                trusted_registries=self.trusted_registries,
                label_schema=self.label_schema,
                strict_labels=self.strict_labels,
            ),
            per_path_ignores=self.per_path_ignores,
            fail_on=None if self.fail_on == "never" else Severity(self.fail_on),
            shellcheck=self.shellcheck,
        )
