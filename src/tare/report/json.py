"""JSON, indented by two, keys as in the schema."""

import msgspec

from tare.schema.report import Report


def render(report: Report) -> str:
    """The whole report. Reading it back needs nothing but `schema_version` and the field names."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
