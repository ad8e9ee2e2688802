"""`tare inspect` as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format", 2020)."""

import hashlib
import re
from typing import Any
from urllib.parse import quote

import msgspec

from tare.report.units import safe
from tare.schema.inspect import InspectFinding, InspectReport

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FIGURE = re.compile(r"\d")
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render(report: InspectReport) -> str:
    """One run with one result for each finding. Without a Dockerfile, the image itself is the artifact."""
    places = {rule.code: place for place, rule in enumerate(report.rules)}
    rules = [
        {
            "id": rule.code,
            "name": rule.name,
            "shortDescription": {"text": rule.title},
            "properties": {"tags": ["size"]},
        }
        for rule in report.rules
    ]
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "tare", "version": report.tool_version, "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(report, one, places[one.code]) for one in report.findings],
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _result(report: InspectReport, one: InspectFinding, rule: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(safe(one.path).replace("\\", "/"), safe="/._-~")},
            "region": {"startLine": one.line, "startColumn": one.column},
        }
    }
    if one.layer:
        digest = report.layers[one.layer - 1].diff_id
        location["logicalLocations"] = [
            {"name": f"layer {one.layer}", "fullyQualifiedName": digest, "kind": "member"}
        ]
    # What stays the same from build to build: the instruction, and the message as far as no figure stands in it.
    instruction = report.layers[one.layer - 1].instruction if one.layer else ""
    subject = f"{one.name}|{instruction}|{_FIGURE.split(one.message, maxsplit=1)[0]}"
    return {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": _LEVELS[one.severity],
        "message": {"text": safe(one.message)},
        "locations": [location],
        "partialFingerprints": {
            "tareFinding/v1": hashlib.sha256(subject.encode("utf-8", "replace")).hexdigest()[:32]
        },
        "properties": {"sizeBytes": one.size_bytes},
    }
