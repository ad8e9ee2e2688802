"""The known vulnerabilities of two images, and those that only one of them has."""

from pathlib import Path

from tare.api._scan import os_release
from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.schema.diff import DiffVulnerabilities, VulnerabilityDiff
from tare.security.advisories import AdvisoryDatabase
from tare.security.match import Hit, match
from tare.security.ownership import Owned, settle
from tare.security.severity import LEVELS

_Key = tuple[str, str, str]


def compare_vulnerabilities(before: Analysis, after: Analysis, database: Path) -> DiffVulnerabilities:
    """Both images against one database. An upgrade within what an advisory covers changes nothing. Raises `AdvisoryError`."""
    with AdvisoryDatabase(database) as advisories:
        known = advisories.ecosystems()
        old, old_unassessed = _hits(before, advisories, known)
        new, new_unassessed = _hits(after, advisories, known)
        status = advisories.status()
    changes = [_change(hit, "removed") for key, hit in old.items() if key not in new]
    changes += [_change(hit, "added") for key, hit in new.items() if key not in old]
    order = {name: place for place, name in enumerate(LEVELS)}
    changes.sort(key=lambda one: (order[one.severity], one.change, one.package, one.id))  # type: ignore[index]
    return DiffVulnerabilities(
        database=str(database),
        newest=status.newest,
        before=len(old),
        after=len(new),
        unassessed_before=old_unassessed,
        unassessed_after=new_unassessed,
        changes=tuple(changes),
    )


def _hits(
    analysis: Analysis, advisories: AdvisoryDatabase, known: frozenset[str]
) -> tuple[dict[_Key, Hit], int]:
    with Contents(analysis) as contents:
        release = os_release(analysis, contents)
    owned = settle(analysis.packages, release)
    covered = [one for one in owned if _covered(one, known)]
    part = sum(one.reason == "part of a system package" for one in owned)
    hits = match(advisories, covered)
    found = {(hit.advisory.id, hit.owned.package.manager, hit.owned.name): hit for hit in hits}
    return found, len(owned) - len(covered) - part


def _covered(owned: Owned, known: frozenset[str]) -> bool:
    return bool(owned.ecosystem) and bool({owned.ecosystem, owned.ecosystem.partition(":")[0]} & known)


def _change(hit: Hit, change: str) -> VulnerabilityDiff:
    package = hit.owned.package
    return VulnerabilityDiff(
        id=hit.advisory.id,
        change="added" if change == "added" else "removed",
        severity=hit.severity[0],
        verdict="affected" if hit.answer == "affected" else "unknown",
        manager=package.manager,
        package=package.name,
        version=package.version,
        fixed_in=hit.fixed_in,
    )
