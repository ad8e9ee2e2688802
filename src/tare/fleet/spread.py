"""Vulnerabilities of a fleet: each different package is looked up once, then counted wherever it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tare.fleet.facts import PackageFacts
from tare.image.catalog import Package
from tare.schema.fleet import FleetSecurity, FleetVulnerability
from tare.security.advisories import AdvisoryDatabase
from tare.security.match import Hit, match
from tare.security.ownership import Owned
from tare.security.severity import LEVELS

_OF_SYSTEM = "part of a system package"
_WORDS = 200

Key = tuple[str, str, str, str, str]
"""Ecosystem, name and version for the advisories; manager and name as installed."""


@dataclass(slots=True)
class _Spread:
    hit: Hit
    images: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)
    fixed: dict[str, None] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)


class PackageSpread:
    """Collects which image has which package."""

    def __init__(self) -> None:
        self._where: dict[Key, list[str]] = {}
        self._bases: dict[Key, set[str]] = {}
        self._reasons: dict[str, int] = {}

    def add(self, image: str, package: PackageFacts, bases: Iterable[str]) -> None:
        """A package of an image; `bases` are those whose layers hold all of it."""
        if not package.ecosystem:
            if package.reason != _OF_SYSTEM:
                self._reasons[package.reason] = self._reasons.get(package.reason, 0) + 1
            return
        key = (
            package.ecosystem,
            package.advisory_name,
            package.advisory_version,
            package.manager,
            package.name,
        )
        self._where.setdefault(key, []).append(image)
        self._bases.setdefault(key, set()).update(bases)

    def assess(self, database: Path) -> tuple[FleetSecurity, Mapping[str, int]]:
        """The vulnerabilities, worst and widest first, and how many each image has. Raises `AdvisoryError`."""
        found: dict[str, _Spread] = {}
        counts: dict[str, set[str]] = {}
        reasons = dict(self._reasons)
        assessed = 0
        with AdvisoryDatabase(database) as advisories:
            status = advisories.status()
            known = advisories.ecosystems()
            for key, images in self._where.items():
                ecosystem, name, version, manager, installed = key
                if not {ecosystem, ecosystem.partition(":")[0]} & known:
                    reason = f"the database has no advisories for {ecosystem}"
                    reasons[reason] = reasons.get(reason, 0) + len(images)
                    continue
                assessed += 1
                package = Package(manager, installed, version, (), None, "")
                for hit in match(advisories, [Owned(package, ecosystem, name, version)]):
                    spread = found.setdefault(hit.advisory.id, _Spread(hit))
                    if spread.hit.answer != "affected" and hit.answer == "affected":
                        spread.hit = hit
                    spread.images.update(images)
                    spread.packages.add(f"{installed} {version}")
                    spread.fixed.update(dict.fromkeys(hit.fixed_in))
                    spread.bases.update(self._bases[key])
                    for image in images:
                        counts.setdefault(image, set()).add(hit.advisory.id)
        rows = sorted(
            (_row(one) for one in found.values()),
            key=lambda row: (LEVELS.index(row.severity), -row.images, -(row.score or 0), row.id),
        )
        security = FleetSecurity(
            str(database), status.newest, status.updated, assessed, tuple(rows), dict(sorted(reasons.items()))
        )
        return security, {image: len(ids) for image, ids in counts.items()}


def _row(spread: _Spread) -> FleetVulnerability:
    advisory = spread.hit.advisory
    severity, score = spread.hit.severity
    names = {*advisory.aliases} - {advisory.id}
    return FleetVulnerability(
        id=advisory.id,
        aliases=tuple(sorted(names)),
        severity=severity,
        score=score,
        verdict="affected" if spread.hit.answer == "affected" else "unknown",
        packages=tuple(sorted(spread.packages)),
        fixed_in=tuple(spread.fixed),
        images=len(spread.images),
        bases=tuple(sorted(spread.bases)),
        summary=advisory.summary or " ".join(advisory.details.split())[:_WORDS],
    )
