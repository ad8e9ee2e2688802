"""Vulnerabilities as the report has them: the layer that brought the package, what takes them away, what is known of attacks."""

from collections.abc import Mapping, Sequence

from tare.image.analysis import Analysis
from tare.schema.scan import Vulnerability
from tare.security.match import Hit
from tare.security.policy import PolicyRun
from tare.security.sbom.bill import purl
from tare.security.threats import Threat
from tare.security.vex import Statement, ended


def names_of(hit: Hit) -> frozenset[str]:
    """Every name of a vulnerability: the advisory's own, its aliases, and those it stems from."""
    return frozenset({hit.advisory.id, *hit.advisory.aliases, *hit.advisory.upstream})


def vulnerability(
    hit: Hit,
    analysis: Analysis,
    run: PolicyRun,
    vex: Sequence[Statement],
    threat: Threat,
    release: Mapping[str, str],
) -> Vulnerability:
    """A hit for the report."""
    package = hit.owned.package
    node = analysis.tree.resolve(package.database)
    own = next((n for path in package.files if (n := analysis.tree.resolve(path)) is not None), node)
    layer = own.inode.layer if own is not None and own.inode.place >= 0 else None
    names = set(names_of(hit))
    url = purl(package, release)
    severity, score = hit.severity
    return Vulnerability(
        id=hit.advisory.id,
        aliases=tuple(sorted(names - {hit.advisory.id})),
        severity=severity,
        score=score,
        verdict="affected" if hit.answer == "affected" else "unknown",
        manager=package.manager,
        package=package.name,
        version=package.version,
        path="/" + package.database,
        layer=None if layer is None else layer + 1,
        instruction="" if layer is None else analysis.image.layers[layer].instruction,
        fixed_in=hit.fixed_in,
        summary=hit.advisory.summary or " ".join(hit.advisory.details.split())[:200],
        reason=hit.reason,
        ignored=run.ignored(names, package.name, "/" + package.database) or ended(vex, names, url),
        purl=url,
        exploited="" if threat.exploited is None else threat.exploited.added,
        epss=threat.epss,
    )
