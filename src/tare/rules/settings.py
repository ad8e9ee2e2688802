"""What a team decides about the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tare.schema.lint import Severity


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Which rules run, and what they need to be told.

    `select` and `ignore` hold codes, prefixes of codes, names, codes of other tools, or 'ALL'; an empty `select` means
    every rule that is on by default. `extend_select` adds to that. `severities` overrides by code. `label_schema` maps a
    label to its type (text, url, semver, hash, rfc3339, spdx, email, rawtext); `strict_labels` forbids all others.
    `trusted_registries` may hold `*` at either end. `honour_comments` is False to ignore all pragmas.
    """

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    trusted_registries: tuple[str, ...] = ()
    label_schema: Mapping[str, str] = field(default_factory=dict)
    strict_labels: bool = False
    honour_comments: bool = True
