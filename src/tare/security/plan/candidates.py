"""The smallest set of changes: one a package (or one for all of the distribution's), to the least version that removes most.

A package's vulnerabilities go with a change to that package alone, so that the smallest set is the union of the best change for
each; of two ways for the same package, the one that removes more comes first, then the smaller step.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tare.image.analysis import Analysis
from tare.security.advisories import AdvisoryDatabase
from tare.security.match import Hit, match
from tare.security.ownership import Owned
from tare.security.plan.change import WEIGHTS, Change, Check
from tare.security.plan.environment import Environment, environments, site_of

BUILD_TOOLS = frozenset({"pip", "setuptools", "wheel"})
"""What installs, and nothing needs once it is installed, unless its metadata says otherwise."""
_SYSTEM = frozenset({"Debian", "Ubuntu", "Alpine", "Wolfi", "Chainguard", "Rocky Linux", "AlmaLinux"})


def plan(database: AdvisoryDatabase, hits: Sequence[Hit], analysis: Analysis) -> tuple[Change, ...]:
    """The changes, those that remove most severity first. What no change removes is in none."""
    known = environments(analysis.packages, analysis.files)
    changes: list[Change] = []
    python: dict[tuple[str, str], list[Hit]] = {}
    system: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.answer != "affected":
            continue
        if hit.owned.ecosystem == "PyPI":
            python.setdefault(
                (site_of(hit.owned.package), canonicalize_name(hit.owned.package.name)), []
            ).append(hit)
        elif hit.owned.ecosystem.partition(":")[0] in _SYSTEM and hit.fixed_in:
            system.setdefault(hit.owned.ecosystem, []).append(hit)
    for (site, name), found in python.items():
        change = _removal(found, known[site], name, analysis) or _pin(database, found, known[site], name)
        if change is not None:
            changes.append(change)
    changes += [_upgrade(ecosystem, found) for ecosystem, found in system.items()]
    return tuple(sorted(changes, key=lambda one: (-one.weight, one.packages)))


def _removal(hits: Sequence[Hit], environment: Environment, name: str, analysis: Analysis) -> Change | None:
    if name not in BUILD_TOOLS or environment.needed_by(name):
        return None
    package = hits[0].owned.package
    nodes = (analysis.tree.resolve(path) for path in package.files)
    size = sum(node.inode.entry.size_bytes for node in nodes if node is not None)
    check = Check("consistent", "nothing that is installed requires it")
    return Change(
        "remove", "PyPI", environment.site, ((name, package.version, ""),), tuple(hits), (), size, check
    )


def _pin(
    database: AdvisoryDatabase, hits: Sequence[Hit], environment: Environment, name: str
) -> Change | None:
    """The least version that leaves least, of those that the installed metadata allows; where it allows none, the best is offered
    as refused, with who forbids it."""
    owned = hits[0].owned
    options = []
    for version in _versions(hits):
        left = _remaining(database, owned, version)
        weight = sum(WEIGHTS[hit.severity[0]] for hit in left)
        options.append((weight, Version(version), version, left, environment.blockers(name, version)))
    before = sum(WEIGHTS[hit.severity[0]] for hit in hits)
    useful = [option for option in options if option[0] < before or len(option[3]) < len(hits)]
    if not useful:
        return None
    allowed = [option for option in useful if not option[4]] or useful
    _, _, version, left, blockers = min(allowed, key=lambda option: (option[0], option[1]))
    still = {hit.advisory.id for hit in left}
    gone = tuple(hit for hit in hits if hit.advisory.id not in still)
    check = (
        Check("refused", "; ".join(blockers))
        if blockers
        else Check("consistent", "everything installed allows it")
    )
    return Change("pin", "PyPI", environment.site, ((name, owned.version, version),), gone, left, None, check)


def _versions(hits: Iterable[Hit]) -> list[str]:
    """Versions that fix something and are newer than what is there."""
    found: dict[Version, str] = {}
    for hit in hits:
        for text in hit.fixed_in:
            try:
                version, now = Version(text), Version(hit.owned.version)
            except InvalidVersion:
                continue
            if version > now and (not version.is_prerelease or now.is_prerelease):
                found[version] = text
    return [found[version] for version in sorted(found)]


def _remaining(database: AdvisoryDatabase, owned: Owned, version: str) -> tuple[Hit, ...]:
    package = replace(owned.package, version=version)
    return match(database, [replace(owned, package=package, version=version)])


def _upgrade(ecosystem: str, hits: Sequence[Hit]) -> Change:
    """Everything of the distribution at once: one layer, whatever it holds."""
    packages: Mapping[str, tuple[str, str]] = {
        hit.owned.package.name: (hit.owned.package.version, "") for hit in hits
    }
    changed = tuple((name, before, after) for name, (before, after) in sorted(packages.items()))
    check = Check(
        "unchecked", "the distribution's own index was not asked; its advisories name fixed versions"
    )
    return Change("upgrade", ecosystem, "", changed, tuple(hits), (), None, check)
