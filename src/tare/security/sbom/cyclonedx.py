"""CycloneDX 1.6, JSON (ECMA-424)."""

import json
import uuid
from typing import Any

from tare.security.sbom.bill import Bill, Component


def render(bill: Bill) -> str:
    """The document, ending in a line feed. Its serial number follows from the image's digest."""
    references = _references(bill)
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, bill.digest)}",
        "version": 1,
        "metadata": {
            "timestamp": bill.created,
            "tools": {"components": [{"type": "application", "name": "tare", "version": bill.tool_version}]},
            "component": {
                "type": "container",
                "bom-ref": "image",
                "name": bill.image,
                "version": bill.digest,
                "properties": [{"name": "tare:layer", "value": layer} for layer in bill.layers],
            },
        },
        "components": [
            _component(one, reference) for one, reference in zip(bill.components, references, strict=True)
        ],
        "dependencies": [{"ref": "image", "dependsOn": references}],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _references(bill: Bill) -> list[str]:
    """A name for each component within the document; packages that are there twice get a number."""
    seen: dict[str, int] = {}
    found = []
    for one in bill.components:
        seen[one.purl] = seen.get(one.purl, 0) + 1
        found.append(one.purl if seen[one.purl] == 1 else f"{one.purl}#{seen[one.purl]}")
    return found


def _component(one: Component, reference: str) -> dict[str, Any]:
    properties = [{"name": "tare:manager", "value": one.manager}]
    properties += [{"name": "tare:layer", "value": one.layer}] if one.layer else []
    properties += [{"name": "tare:source", "value": one.source}] if one.source else []
    return {
        "type": "library",
        "bom-ref": reference,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "evidence": {"occurrences": [{"location": one.evidence}]},
        "properties": properties,
    }
