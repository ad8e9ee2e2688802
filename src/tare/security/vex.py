"""Statements of whether a product is affected (VEX), from OpenVEX, CycloneDX and CSAF documents.

Formats: OpenVEX 0.2.0 (github.com/openvex/spec), CycloneDX 1.6 `vulnerabilities`, CSAF 2.0 profile 5 (docs.oasis-open.org/csaf).
Only `not_affected` and `fixed` take a finding away, and only where the statement names its package.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tare.core.errors import UsageError

LARGEST_BYTES = 64 * 1024 * 1024
ENDING = frozenset({"not_affected", "fixed"})
_CYCLONEDX = {
    "not_affected": "not_affected",
    "false_positive": "not_affected",
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
    "exploitable": "affected",
    "in_triage": "under_investigation",
}
_CSAF = {
    "known_not_affected": "not_affected",
    "fixed": "fixed",
    "first_fixed": "fixed",
    "known_affected": "affected",
    "under_investigation": "under_investigation",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """`names` are those of one vulnerability, `products` package URLs; without a version one speaks of all versions."""

    names: frozenset[str]
    products: frozenset[str]
    status: str
    reason: str
    source: str

    def covers(self, names: Iterable[str], purl: str) -> bool:
        """Whether it speaks of a vulnerability, by any of its names, in a package."""
        return not self.names.isdisjoint(names) and any(_same(product, purl) for product in self.products)


def read_vex(path: Path) -> tuple[Statement, ...]:
    """Every statement of a document, a later one on the same thing after an earlier. Raises `UsageError`."""
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST_BYTES:
            raise UsageError("the document is too large", where=str(path))
        document = json.loads(raw)
        if not isinstance(document, dict):
            raise UsageError("no VEX document", where=str(path))
        if "openvex" in str(document.get("@context", "")):
            found = tuple(_openvex(document, path.name))
        elif document.get("bomFormat") == "CycloneDX":
            found = tuple(_cyclonedx(document, path.name))
        elif "csaf_version" in document.get("document", {}):
            found = tuple(_csaf(document, path.name))
        else:
            raise UsageError(
                "no VEX document that is known", where=str(path), hint="OpenVEX, CycloneDX or CSAF, as JSON"
            )
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise UsageError(f"a broken VEX document: {error}", where=str(path)) from error
    return found


def _openvex(document: Mapping[str, Any], source: str) -> Iterator[Statement]:
    for one in document.get("statements", ()):
        vulnerability = one.get("vulnerability", {})
        if isinstance(vulnerability, str):
            vulnerability = {"name": vulnerability}
        names = {
            vulnerability.get("name", ""),
            vulnerability.get("@id", ""),
            *vulnerability.get("aliases", ()),
        }
        products: set[str] = set()
        for product in one.get("products", ()):
            parts = product.get("subcomponents") or [product] if isinstance(product, dict) else [product]
            products |= {text for part in parts for text in _identifiers(part)}
        reason = one.get("justification") or one.get("impact_statement") or one.get("status_notes") or ""
        yield _statement(names, products, str(one.get("status", "")), reason, source)


def _identifiers(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
        return
    yield str(part.get("@id", ""))
    yield str(part.get("identifiers", {}).get("purl", ""))


def _cyclonedx(document: Mapping[str, Any], source: str) -> Iterator[Statement]:
    purls = {one.get("bom-ref"): one.get("purl", "") for one in document.get("components", ())}
    for one in document.get("vulnerabilities", ()):
        analysis = one.get("analysis", {})
        names = {one.get("id", ""), *(reference.get("id", "") for reference in one.get("references", ()))}
        refs = [affected.get("ref", "") for affected in one.get("affects", ())]
        products = {purls.get(ref) or ref.rpartition("#")[2] for ref in refs} | set(refs)
        reason = analysis.get("justification") or analysis.get("detail") or ""
        yield _statement(names, products, _CYCLONEDX.get(analysis.get("state", ""), ""), reason, source)


def _csaf(document: Mapping[str, Any], source: str) -> Iterator[Statement]:
    purls: dict[str, str] = {}
    stack = [document.get("product_tree", {})]
    while stack:
        part = stack.pop()
        for key in ("branches", "full_product_names", "relationships"):
            stack.extend(part.get(key, ()))
        product = part.get("product") or part.get("full_product_name") or part
        purl = product.get("product_identification_helper", {}).get("purl", "")
        if purl and product.get("product_id"):
            purls[product["product_id"]] = purl
    for one in document.get("vulnerabilities", ()):
        names = {one.get("cve", ""), *(other.get("text", "") for other in one.get("ids", ()))}
        reasons = {
            product: flag.get("label", "")
            for flag in one.get("flags", ())
            for product in flag.get("product_ids", ())
        }
        for key, status in _CSAF.items():
            for product in one.get("product_status", {}).get(key, ()):
                if product in purls:
                    yield _statement(names, {purls[product]}, status, reasons.get(product, ""), source)


def _statement(
    names: Iterable[Any], products: Iterable[Any], status: str, reason: Any, source: str
) -> Statement:
    known = frozenset(str(name).rpartition("/")[2] for name in names if name)
    purls = frozenset(str(product) for product in products if str(product).startswith("pkg:"))
    return Statement(known, purls, status, " ".join(str(reason).split())[:200], source)


def _same(product: str, purl: str) -> bool:
    """Whether a product's package URL means this package: qualifiers aside, any version where it names none."""
    name, at, version = product.partition("?")[0].partition("#")[0].rpartition("@")
    if not at or "/" in version:
        name, version = product.partition("?")[0], ""
    own, _, own_version = purl.partition("?")[0].rpartition("@")
    return unquote(name).lower() == unquote(own).lower() and (
        not version or unquote(version) == unquote(own_version)
    )


def ended(statements: Iterable[Statement], names: Iterable[str], purl: str) -> str:
    """Why a finding does not count, '' where it does: the last statement that covers it decides."""
    known = tuple(names)
    last = None
    for statement in statements:
        if statement.covers(known, purl):
            last = statement
    if last is None or last.status not in ENDING:
        return ""
    because = f", {last.reason}" if last.reason else ""
    return f"{last.status}{because} ({last.source})"
