"""SPDX 2.3, JSON (spdx.github.io/spdx-spec/v2.3)."""

import json
import re
from typing import Any

from tare.security.sbom.bill import Bill, Component

IMAGE = "SPDXRef-image"


def render(bill: Bill) -> str:
    """The document, ending in a line feed."""
    packages = [_image(bill), *(_package(one, place) for place, one in enumerate(bill.components, 1))]
    relations = [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relatedSpdxElement": IMAGE, "relationshipType": "DESCRIBES"}
    ]
    relations += [
        {"spdxElementId": IMAGE, "relatedSpdxElement": package["SPDXID"], "relationshipType": "CONTAINS"}
        for package in packages[1:]
    ]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": bill.image,
        "documentNamespace": f"https://spdx.org/spdxdocs/tare-{bill.digest.replace(':', '-')}",
        "creationInfo": {"created": bill.created, "creators": [f"Tool: tare-{bill.tool_version}"]},
        "packages": packages,
        "relationships": relations,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _image(bill: Bill) -> dict[str, Any]:
    return {
        "SPDXID": IMAGE,
        "name": bill.image,
        "versionInfo": bill.digest,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": "CONTAINER",
    }


def _package(one: Component, place: int) -> dict[str, Any]:
    safe = re.sub(r"[^A-Za-z0-9.-]", "-", f"{one.manager}-{one.name}")
    layer = f" in layer {one.layer}" if one.layer else ""
    return {
        "SPDXID": f"SPDXRef-{place}-{safe}",
        "name": one.name,
        "versionInfo": one.version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "sourceInfo": f"found by {one.evidence}{layer}",
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": one.purl}
        ],
    }
