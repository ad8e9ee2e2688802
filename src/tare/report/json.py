"""JSON, indented by two, keys as in the schema."""

from typing import Any

import msgspec

from tare.report.units import safe
from tare.schema.report import Report


def render(report: Report) -> str:
    """The whole report. Reading it back needs nothing but `schema_version` and the field names.

    Names whose bytes are no UTF-8 have no form in JSON: they are shown escaped, as the other formats show them.
    """
    try:
        raw = msgspec.json.encode(report)
    except UnicodeEncodeError:
        raw = msgspec.json.encode(_encodable(msgspec.to_builtins(report)))
    return msgspec.json.format(raw, indent=2).decode() + "\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return (
            value
            if value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)
            else safe(value)
        )
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
