"""Weaknesses of an image as the report has them."""

from tare.image.analysis import Analysis
from tare.report.units import safe
from tare.schema.scan import Weakness
from tare.security import hardening
from tare.security.policy import PolicyRun

SHOWN = 50


def weakness(found: hardening.Weakness, analysis: Analysis, run: PolicyRun) -> Weakness:
    """A weakness for the report; the policy may name it by its code or its name."""
    first = found.nodes[0] if found.nodes else None
    known = first is not None and first.inode.place >= 0
    layer = first.inode.layer if first is not None and known else None
    path = "" if first is None else f"/{first.path}"
    return Weakness(
        code=found.code,
        name=found.name,
        severity=found.severity,
        message=safe(found.message),
        cis=found.cis,
        count=len(found.nodes),
        paths=tuple(safe(f"/{node.path}") for node in found.nodes[:SHOWN]),
        layer=None if layer is None else layer + 1,
        instruction="" if layer is None else analysis.image.layers[layer].instruction,
        remedy=safe(found.remedy),
        ignored=run.ignored({found.code, found.name}, found.name, path),
    )
