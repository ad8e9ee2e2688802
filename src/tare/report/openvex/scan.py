"""`tare scan` as OpenVEX 0.2.0: what the scan found is affected; what the policy takes away says why."""

import hashlib
import json
from typing import Any

from tare.report.units import safe
from tare.schema.scan import ScanReport, Vulnerability

CONTEXT = "https://openvex.dev/ns/v0.2.0"
_JUSTIFICATIONS = frozenset({
    "component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
})  # fmt: skip


def render(report: ScanReport) -> str:
    """One document; its time is the database's, so that the same scan gives the same document."""
    statements = [_statement(found, report) for found in report.vulnerabilities]
    identity = hashlib.sha256(
        json.dumps([report.image, report.database_updated, statements]).encode()
    ).hexdigest()
    document = {
        "@context": CONTEXT,
        "@id": f"https://openvex.dev/docs/tare-{identity[:32]}",
        "author": f"tare {report.tool_version}",
        "timestamp": report.database_updated,
        "version": 1,
        "statements": statements,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _statement(found: Vulnerability, report: ScanReport) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "vulnerability": {"name": found.id, "aliases": list(found.aliases)},
        "products": [{"@id": safe(report.image), "subcomponents": [{"@id": found.purl}]}],
    }
    if found.ignored in _JUSTIFICATIONS:
        return {**statement, "status": "not_affected", "justification": found.ignored}
    if found.verdict == "unknown":
        return {**statement, "status": "under_investigation", "status_notes": safe(found.reason)}
    fixed = f"update to {' or '.join(found.fixed_in)}" if found.fixed_in else "no fix is known"
    return {**statement, "status": "affected", "action_statement": safe(found.ignored) or fixed}
