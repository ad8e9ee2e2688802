"""`[lint]` of `tare.toml`, or `[tool.tare.lint]` of `pyproject.toml`: its keys."""

from typing import Literal

import msgspec

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
