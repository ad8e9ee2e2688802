"""`.hadolint.yaml`: the settings of a team that comes from hadolint."""

from collections.abc import Mapping
from typing import Any

import yaml

from tare.core.errors import UsageError
from tare.rules.choices import LintChoices, severities, severity_of
from tare.rules.registry import find_entries
from tare.rules.settings import RuleSettings
from tare.schema.lint import Severity


def read_hadolint(text: str, where: str) -> LintChoices:
    """The choices of a configuration file of hadolint. Raises `UsageError`.

    Keys: ignored, override, trustedRegistries, label-schema, strict-labels, failure-threshold, no-fail,
    disable-ignore-pragma; others (format, no-color) say nothing of findings. Codes that no rule here has (rules that
    hadolint dropped) are passed over.
    """
    try:
        table = yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"not YAML: {error}", where=where) from error
    if not isinstance(table, Mapping):
        raise UsageError("not a configuration of hadolint", where=where, hint="write `ignored: [DL3008]`")
    override = table.get("override") or {}
    overrides: dict[str, str] = {}
    for severity, codes in override.items() if isinstance(override, Mapping) else ():
        overrides |= {
            code: str(severity) for code in _texts(codes, f"override.{severity}", where) if _known(code)
        }
    return LintChoices(
        rules=RuleSettings(
            ignore=tuple(code for code in _texts(table.get("ignored"), "ignored", where) if _known(code)),
            extend_select=tuple(overrides),
            severities=severities(overrides, where),
            trusted_registries=_texts(table.get("trustedRegistries"), "trustedRegistries", where),
            label_schema=_schema(table.get("label-schema"), where),
            strict_labels=table.get("strict-labels") is True,
            honour_comments=table.get("disable-ignore-pragma") is not True,
        ),
        fail_on=_threshold(table, where),
        shellcheck=None,
    )


def _known(code: str) -> bool:
    return code.upper().startswith("SC") or bool(find_entries([code]))


def _texts(value: Any, key: str, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise UsageError(f"{key} is not a list", where=where)
    return tuple(str(item) for item in value)


def _schema(value: Any, where: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UsageError("label-schema is not a mapping", where=where)
    return {str(label): str(kind) for label, kind in value.items()}


def _threshold(table: Mapping[str, Any], where: str) -> Severity | None:
    text = str(table.get("failure-threshold") or "info")
    if table.get("no-fail") is True or text in ("none", "ignore"):
        return None
    return severity_of(text, where)
