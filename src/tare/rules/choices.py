"""What a run of the linter is told: by flags, by `[lint]` of the configuration, by `.hadolint.yaml`."""

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tare.core.errors import UsageError
from tare.rules.registry import find_entries
from tare.rules.settings import RuleSettings
from tare.schema.lint import Severity


@dataclass(frozen=True, slots=True)
class LintChoices:
    """Settings of the rules, `per_path_ignores` (a glob, and what it ignores), and `fail_on` (None: never fail).

    `shellcheck`: whether to run it; None runs it where it is installed.
    """

    rules: RuleSettings = field(default_factory=RuleSettings)
    per_path_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fail_on: Severity | None = Severity.WARNING
    shellcheck: bool | None = False

    def for_path(self, path: str) -> RuleSettings:
        """The settings for one file: globs match the whole path or its name."""
        name = path.rpartition("/")[2]
        extra: list[str] = []
        for pattern, codes in self.per_path_ignores.items():
            if fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(name, pattern):
                extra += codes
        return replace(self.rules, ignore=(*self.rules.ignore, *extra)) if extra else self.rules


def known(selectors: tuple[str, ...], where: str) -> tuple[str, ...]:
    """The selectors, each of which means a rule (`SC…` are those of ShellCheck). Raises `UsageError` otherwise."""
    for selector in selectors:
        if not selector.upper().startswith("SC") and not find_entries([selector]):
            raise UsageError(
                f"there is no rule {selector}", where=where, hint="`tare rule --all` lists all rules"
            )
    return selectors


def severities(overrides: Mapping[str, str], where: str) -> dict[str, Severity]:
    """Severities by the rules' own codes. Raises `UsageError` for an unknown rule or severity."""
    found: dict[str, Severity] = {}
    for selector, text in overrides.items():
        known((selector,), where)
        severity = severity_of(text, where)
        found |= {entry.code: severity for entry in find_entries([selector])}
        if selector.upper().startswith("SC"):
            found[selector.upper()] = severity
    return found


def severity_of(text: str, where: str) -> Severity:
    """A severity by its name. Raises `UsageError`."""
    try:
        return Severity(text.lower())
    except ValueError:
        raise UsageError(
            f"{text} is no severity", where=where, hint=f"one of {', '.join(Severity)}"
        ) from None
