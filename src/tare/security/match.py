"""Which advisories hold for a version: OSV's evaluation algorithm, with "cannot be told" as an answer of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Literal

from tare.security.advisories import AdvisoryDatabase, normal_name
from tare.security.osv import Advisory, Affected, Range
from tare.security.ownership import Owned
from tare.security.severity import LEVELS, Severity, level, named, score
from tare.security.versions import UncomparableVersionError, compare, is_listed

Answer = Literal["affected", "not-affected", "unknown"]


@dataclass(frozen=True, slots=True)
class Hit:
    """An advisory that holds for a package, or may."""

    owned: Owned
    advisory: Advisory
    answer: Answer
    fixed_in: tuple[str, ...]
    reason: str = ""

    @property
    def severity(self) -> tuple[Severity, float | None]:
        """The worst level that the advisory states, and its score where a vector gives one."""
        return severity_of(self.advisory)


def match(database: AdvisoryDatabase, packages: Iterable[Owned]) -> tuple[Hit, ...]:
    """All hits, worst first. Withdrawn advisories are left out; of several names for one vulnerability (CVE, GHSA, PYSEC)
    on one package the first that is affected is kept, with the others among its aliases."""
    hits: list[Hit] = []
    for owned in packages:
        if not owned.ecosystem:
            continue
        found = [hit for advisory in _about(database, owned) if (hit := assess(advisory, owned)) is not None]
        hits += _merged(found)
    order = {name: place for place, name in enumerate(LEVELS)}
    return tuple(
        sorted(
            hits,
            key=lambda hit: (
                order[hit.severity[0]],
                -(hit.severity[1] or 0),
                hit.owned.name,
                hit.advisory.id,
            ),
        )
    )


def _about(database: AdvisoryDatabase, owned: Owned) -> list[Advisory]:
    """By the ecosystem with its release, and without one."""
    names = dict.fromkeys((owned.ecosystem, owned.ecosystem.partition(":")[0]))
    return [advisory for ecosystem in names for advisory in database.about(ecosystem, owned.name)]


def assess(advisory: Advisory, owned: Owned) -> Hit | None:
    """Whether an advisory holds for a package; None when it does not, or was withdrawn."""
    if advisory.withdrawn is not None:
        return None
    verdicts: list[tuple[Answer, Affected, str]] = []
    for affected in advisory.affected:
        if affected.package is None or not _same_package(affected, owned):
            continue
        answer, reason = _answer(affected, owned.ecosystem, owned.version)
        verdicts.append((answer, affected, reason))
    for wanted in ("affected", "unknown"):
        for answer, affected, reason in verdicts:
            if answer == wanted:
                return Hit(owned, advisory, answer, _fixes(affected, owned), reason)
    return None


def _same_package(affected: Affected, owned: Owned) -> bool:
    package = affected.package
    assert package is not None
    ecosystem = package.ecosystem
    same = ecosystem == owned.ecosystem or ecosystem == owned.ecosystem.partition(":")[0]
    return same and normal_name(ecosystem, package.name) == normal_name(owned.ecosystem, owned.name)


def _answer(affected: Affected, ecosystem: str, version: str) -> tuple[Answer, str]:
    if version in affected.versions:
        return "affected", ""
    unknown = ""
    ranges = [one for one in affected.ranges if one.type != "GIT"]
    for one in ranges:
        try:
            if _in_range(one, ecosystem, version):
                return "affected", ""
        except UncomparableVersionError as error:
            unknown = unknown or str(error)
    try:
        if affected.versions and is_listed(ecosystem, version, affected.versions):
            return "affected", ""
    except UncomparableVersionError as error:
        unknown = unknown or str(error)
    if not ranges and not affected.versions:
        return "unknown", "the advisory names no versions"
    return ("unknown", unknown) if unknown else ("not-affected", "")


def _in_range(one: Range, ecosystem: str, version: str) -> bool:
    """OSV's algorithm: the events in order of version; the last that applies decides."""
    events: list[tuple[str, str]] = []
    for event in one.events:
        for kind in ("introduced", "fixed", "last_affected", "limit"):
            value = getattr(event, kind)
            if value is not None and kind != "limit":
                events.append((kind, value))

    def order(a: tuple[str, str], b: tuple[str, str]) -> int:
        if a[1] == b[1]:
            return 0
        if "0" in (a[1], b[1]):
            return -1 if a[1] == "0" else 1
        return compare(ecosystem, a[1], b[1])

    vulnerable = False
    for kind, value in sorted(events, key=cmp_to_key(order)):
        position = 1 if value == "0" else compare(ecosystem, version, value)
        if kind == "introduced" and position >= 0:
            vulnerable = True
        elif (kind == "fixed" and position >= 0) or (kind == "last_affected" and position > 0):
            vulnerable = False
    return vulnerable


def _fixes(affected: Affected, owned: Owned) -> tuple[str, ...]:
    """Versions with the fix that are newer than the one at hand."""
    found = [
        event.fixed for one in affected.ranges if one.type != "GIT" for event in one.events if event.fixed
    ]
    newer = []
    for value in found:
        try:
            if compare(owned.ecosystem, value, owned.version) > 0:
                newer.append(value)
        except UncomparableVersionError:
            newer.append(value)
    return tuple(dict.fromkeys(newer))


def _names(advisory: Advisory) -> set[str]:
    return {advisory.id, *advisory.aliases, *advisory.upstream}


def _merged(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    seen: set[str] = set()
    for hit in sorted(
        hits, key=lambda one: (one.answer != "affected", one.severity[0] == "unknown", one.advisory.id)
    ):
        names = _names(hit.advisory)
        if seen.isdisjoint(names):
            kept.append(hit)
            seen |= names
    return kept


def severity_of(advisory: Advisory) -> tuple[Severity, float | None]:
    """From CVSS vectors (the highest), else the level that the database names."""
    vectors = [entry.get("score", "") for entry in advisory.severity]
    vectors += [entry.get("score", "") for affected in advisory.affected for entry in affected.severity]
    scores = [value for vector in vectors if (value := score(vector)) is not None]
    if scores:
        return level(max(scores)), max(scores)
    word = advisory.database_specific.get("severity")
    if isinstance(word, str):
        return named(word), None
    words = [named(vector) for vector in vectors]
    known = [word for word in words if word != "unknown"]
    return (min(known, key=LEVELS.index), None) if known else ("unknown", None)
