"""`tare lint` as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format", 2020), fixes included."""

from typing import Any
from urllib.parse import quote

import msgspec

from tare.report.units import safe
from tare.schema.lint import FileError, Finding, FindingFix, LintReport, Range, RuleFacts

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note", "style": "note"}


def render(report: LintReport) -> str:
    """One run; files that could not be checked are notifications of its invocation."""
    places = {rule.code: place for place, rule in enumerate(report.rules)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "tare",
                "version": report.tool_version,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": [_notification(error) for error in report.errors],
            }
        ],
        "artifacts": [{"location": {"uri": _uri(path)}} for path in report.files],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, places[finding.code]) for finding in report.findings],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _rule(rule: RuleFacts) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.category, *rule.equivalents]},
    }


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": safe(finding.message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.path)},
                    "region": {**_region(finding.range), "snippet": {"text": safe(finding.excerpt)}},
                }
            }
        ],
        "partialFingerprints": {"tareFinding/v1": finding.fingerprint},
    }
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.path, finding.fix)]
    return result


def _fix(path: str, fix: FindingFix) -> dict[str, Any]:
    return {
        "description": {"text": f"{fix.title} ({fix.applicability})"},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": _uri(path)},
                "replacements": [
                    {"deletedRegion": _region(edit.range), "insertedContent": {"text": edit.replacement}}
                    for edit in fix.edits
                ],
            }
        ],
    }


def _notification(error: FileError) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(error.path)}}
    if error.line:
        place["region"] = {"startLine": error.line, "startColumn": error.column or 1}
    return {
        "level": "error",
        "message": {"text": safe(error.message)},
        "locations": [{"physicalLocation": place}],
    }


def _region(place: Range) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _uri(path: str) -> str:
    return quote(safe(path).replace("\\", "/"), safe="/._-~")
