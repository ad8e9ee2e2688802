"""From the store to the report. Images are gone through one at a time; what is missing is named and in no figure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tare import __version__
from tare.fleet.bases import Base, find_bases
from tare.fleet.facts import ChainFacts, LayerFacts
from tare.fleet.spread import PackageSpread
from tare.fleet.store import Run, Store
from tare.fleet.sums import Common, Sums, compressed_of, scaled, total
from tare.schema.fleet import (
    FleetAlignment,
    FleetBase,
    FleetCostInputs,
    FleetCosts,
    FleetImage,
    FleetMissing,
    FleetPackage,
    FleetReport,
    FleetSecurity,
    FleetTotals,
    FleetTrend,
    FleetTwins,
    FleetWaste,
    FleetWork,
)
from tare.schema.quantity import Quantity

_GB = 1e9
_LEAST_LIKE = 1024  # layers with fewer file bytes are alike by chance: empty directories, single links


class RunTotals(msgspec.Struct, frozen=True):
    """What the next run compares itself with."""

    images: list[str]
    stored_bytes: int
    stored_compressed: float | None
    freeable_bytes: int
    names: dict[str, int]


@dataclass(slots=True)
class _Member:
    """An image that was read whole."""

    digest: str
    chain: str
    keys: list[str]
    names: tuple[str, ...]
    size_bytes: int
    compressed: Quantity
    platform: str
    waste_bytes: int = 0
    freeable_bytes: int = 0
    fix: str = ""
    fix_bytes: int = 0


class _Summary:
    def __init__(self, store: Store, run: Run) -> None:
        self._store = store
        self._run = run
        names: dict[str, list[str]] = defaultdict(list)
        for reference, digest in store.names(run.id):
            names[digest].append(reference)
        self._names = {digest: tuple(found) for digest, found in names.items()}
        self.layers: dict[str, LayerFacts] = {}
        self.members: list[_Member] = []
        self.missing: list[FleetMissing] = [
            FleetMissing(what, stage, why.message, why.hint)  # type: ignore[arg-type]
            for stage, what, why in store.failures(run.id)
        ]
        self.notes: list[str] = []
        self._collect()
        self.bases = find_bases(
            ((member.digest, store.pinned(member.digest)) for member in self.members), self._names
        )
        self.sums = Sums(self.layers)
        self.spread = PackageSpread()
        self._commons: dict[str, Common] = {}
        self._go_through()

    def _collect(self) -> None:
        for digest, chain in self._store.images(self._run.id):
            keys = self._store.layers_of(chain)
            for key in keys:
                if key not in self.layers and (facts := self._store.layer(key)) is not None:
                    self.layers[key] = facts
            names = self._names[digest]
            absent = sum(key not in self.layers for key in keys)
            if absent or not self._store.has_facts(chain):
                why = (
                    f"{absent} of its {len(keys)} layers could not be read"
                    if absent
                    else "it could not be merged"
                )
                self.missing.append(
                    FleetMissing(", ".join(names), "survey", why, "run again: what was read is kept")
                )
                continue
            parts = [self.layers[key] for key in keys]
            self.members.append(
                _Member(
                    digest,
                    chain,
                    keys,
                    names,
                    sum(part.size_bytes for part in parts),
                    total(compressed_of(part) for part in parts),
                    self._store.pinned(digest).platform,
                )
            )

    def _go_through(self) -> None:
        on: dict[str, list[Base]] = defaultdict(list)
        for base in self.bases:
            self._commons[base.digest] = Common(base.layers)
            for digest in {*base.above, *base.itself}:
                on[digest].append(base)
        for member in self.members:
            facts = self._store.facts(member.chain)
            assert (
                facts is not None
            )  # it was there when the members were collected, and only this process writes
            self.sums.add(member.chain, member.keys, facts)
            self._note(member, facts)
            for base in on[member.digest]:
                self._commons[base.digest].add(facts)
            for package in facts.packages:
                mine = [
                    base_name(base)
                    for base in on[member.digest]
                    if package.layers and max(package.layers) < base.layers
                ]
                self.spread.add(member.digest, package, mine)

    def _note(self, member: _Member, facts: ChainFacts) -> None:
        member.waste_bytes = facts.hidden_bytes + facts.duplicate_bytes
        by_fix: dict[str, int] = defaultdict(int)
        for item in facts.freeable:
            by_fix[item.fix] += sum(item.layers.values())
        member.freeable_bytes = sum(by_fix.values())
        if by_fix:
            member.fix, member.fix_bytes = max(by_fix.items(), key=lambda one: (one[1], one[0]))
        for problem in facts.problems:
            self.notes.append(f"{member.names[0]}: packages may be missing: {problem}")

    # -- tables -------------------------------------------------------------------------------------------------

    def totals(self) -> FleetTotals:
        """Sums over everything that was read."""
        used = {key for member in self.members for key in member.keys}
        freed: dict[str, int] = defaultdict(int)
        for name in self.sums.items:
            for key, size in self.sums.stored(name).items():
                freed[key] += size
        freed = {key: min(size, self.layers[key].size_bytes) for key, size in freed.items()}
        owners = self._owners()
        return FleetTotals(
            names=self._store.count_names(self._run.id),
            images=len(self.members),
            layers=len(used),
            shared_layers=sum(len(owners[key]) > 1 for key in used),
            images_bytes=sum(member.size_bytes for member in self.members),
            stored_bytes=sum(self.layers[key].size_bytes for key in used),
            images_compressed=total(member.compressed for member in self.members),
            stored_compressed=total(compressed_of(self.layers[key]) for key in used),
            freeable_bytes=sum(freed.values()),
            freeable_compressed=self.sums.share(freed),
        )

    def _owners(self) -> Mapping[str, set[str]]:
        owners: dict[str, set[str]] = defaultdict(set)
        for member in self.members:
            for key in member.keys:
                owners[key].add(member.digest)
        return owners

    def images(self, vulnerabilities: Mapping[str, int] | None) -> Iterable[FleetImage]:
        """All images, the one with most to free first."""
        owners = self._owners()
        nearest: dict[str, Base] = {}
        for base in self.bases:
            for digest in base.direct:
                nearest[digest] = base
        order = sorted(self.members, key=lambda one: (-one.freeable_bytes, -one.size_bytes, one.digest))
        for member in order:
            below = nearest.get(member.digest)
            yield FleetImage(
                digest=member.digest,
                names=member.names,
                platform=member.platform,
                layers=len(member.keys),
                size_bytes=member.size_bytes,
                compressed_bytes=member.compressed,
                own_bytes=sum(
                    self.layers[key].size_bytes for key in set(member.keys) if len(owners[key]) == 1
                ),
                base=base_name(below) if below else "",
                waste_bytes=member.waste_bytes,
                freeable_bytes=member.freeable_bytes,
                fix=member.fix,
                fix_bytes=member.fix_bytes,
                vulnerabilities=None if vulnerabilities is None else vulnerabilities.get(member.digest, 0),
            )

    def base_rows(self) -> Iterable[FleetBase]:
        """All bases, the one whose change saves most first."""
        by_digest = {member.digest: member for member in self.members}
        rows = []
        for base in self.bases:
            members = [by_digest[digest] for digest in base.above]
            keys = members[0].keys[: base.layers]
            upper = {key for member in members for key in member.keys[base.layers :]}
            freed: dict[str, int] = defaultdict(int)
            fixes: dict[str, int] = defaultdict(int)
            for fix, layers in self._commons[base.digest].items():
                fixes[fix] += sum(layers.values())
                for place, size in layers.items():
                    freed[keys[place]] += size
            share = self.sums.share(freed)
            rows.append(
                FleetBase(
                    name=base.name,
                    digest=base.digest,
                    known_by=base.known_by,
                    layers=base.layers,
                    images=len(members),
                    direct=len(base.direct),
                    size_bytes=sum(self.layers[key].size_bytes for key in keys),
                    compressed_bytes=total(compressed_of(self.layers[key]) for key in keys),
                    above_bytes=sum(self.layers[key].size_bytes for key in upper),
                    freeable_bytes=sum(freed.values()),
                    freeable_compressed=share,
                    saved_pull_bytes=scaled(share, len(members)),
                    fix=max(fixes, key=lambda fix: (fixes[fix], fix)) if fixes else "",
                )
            )
        rows.sort(key=lambda row: (-(row.freeable_bytes * row.images), -row.images, row.digest))
        return rows

    def alignments(self, bases: Iterable[FleetBase]) -> Iterable[FleetAlignment]:
        """Bases of one name in several versions."""
        groups: dict[str, list[FleetBase]] = defaultdict(list)
        for base in bases:
            if base.name:
                groups[_repository(base.name)].append(base)
        found = []
        for name, versions in groups.items():
            if len(versions) < 2:
                continue
            kept = max(versions, key=lambda one: one.size_bytes)
            rest = [one for one in versions if one is not kept]
            found.append(
                FleetAlignment(
                    name,
                    len(versions),
                    sum(one.direct for one in versions),
                    sum(one.size_bytes for one in versions),
                    sum(one.size_bytes for one in rest),
                    total(one.compressed_bytes for one in rest),
                )
            )
        return sorted(found, key=lambda one: (-one.saved_bytes, one.name))

    def packages(self) -> Iterable[FleetPackage]:
        """All packages, the one that is stored with most bytes first."""
        rows = [
            FleetPackage(
                manager,
                name,
                tuple(sorted(one.versions)),
                one.images,
                one.images_bytes,
                sum(one.stored.values()),
            )
            for (manager, name), one in self.sums.packages.items()
        ]
        return sorted(rows, key=lambda row: (-row.stored_bytes, -row.images, row.manager, row.name))

    def waste(self) -> Iterable[FleetWaste]:
        """All remedies, the one that frees most of the stored layers first."""
        rows = [
            FleetWaste(
                kind,  # type: ignore[arg-type]
                name,
                one.fix,
                one.images,
                one.images_bytes,
                sum(self.sums.stored((kind, name)).values()),
            )
            for (kind, name), one in self.sums.items.items()
        ]
        return sorted(rows, key=lambda row: (-row.stored_bytes, -row.images_bytes, row.kind, row.name))

    def twins(self) -> Iterable[FleetTwins]:
        """Layers that are stored several times without need."""
        owners = self._owners()
        used = sorted({key for member in self.members for key in member.keys})
        by_tar: dict[str, list[str]] = defaultdict(list)
        for key in used:
            by_tar[key.partition(" ")[2]].append(key)
        by_likeness: dict[str, list[str]] = defaultdict(list)
        for keys in by_tar.values():
            if self.layers[keys[0]].size_bytes >= _LEAST_LIKE:
                by_likeness[self.layers[keys[0]].likeness].append(keys[0])
        found = []
        for kind, groups in (("compression", by_tar), ("time-stamps", by_likeness)):
            for keys in groups.values():
                if len(keys) < 2:
                    continue
                rest = keys[1:]
                found.append(
                    FleetTwins(
                        kind,  # type: ignore[arg-type]
                        tuple(key.partition(" ")[0] for key in keys),
                        len({digest for key in keys for digest in owners[key]}),
                        self._instruction(keys[0]),
                        self.layers[keys[0]].size_bytes,
                        sum(self.layers[key].size_bytes for key in rest),
                        total(compressed_of(self.layers[key]) for key in rest),
                    )
                )
        return sorted(found, key=lambda one: (-one.wasted_bytes, one.layers))

    def _instruction(self, key: str) -> str:
        from_member = next(member for member in self.members if key in member.keys)
        _, config = self._store.pinned(from_member.digest).read()
        made = [step.created_by for step in config.history if not step.empty_layer]
        place = from_member.keys.index(key)
        return made[place] if len(made) == len(from_member.keys) else ""

    def trend(self, now: FleetTotals) -> FleetTrend | None:
        """Against the run before."""
        past = self._store.past(self._run.id)
        if past is None:
            return None
        then = msgspec.msgpack.decode(past.totals, type=RunTotals)
        mine = {member.digest for member in self.members}
        before = set(then.images)
        grown = []
        for member in self.members:
            for name in member.names:
                old = then.names.get(name)
                if old is not None and member.size_bytes > old:
                    grown.append((name, member.size_bytes - old))
        pull = now.stored_compressed.value
        return FleetTrend(
            since=datetime.fromtimestamp(past.finished, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            complete=past.complete,
            images=len(mine) - len(before),
            new_images=len(mine - before),
            gone_images=len(before - mine),
            stored_bytes=now.stored_bytes - then.stored_bytes,
            stored_compressed_bytes=None
            if pull is None or then.stored_compressed is None
            else pull - then.stored_compressed,
            freeable_bytes=now.freeable_bytes - then.freeable_bytes,
            grown=tuple(sorted(grown, key=lambda one: (-one[1], one[0]))),
        )

    def run_totals(self, totals: FleetTotals) -> bytes:
        """What the next run needs of this one."""
        return msgspec.msgpack.encode(
            RunTotals(
                sorted(member.digest for member in self.members),
                totals.stored_bytes,
                totals.stored_compressed.value,
                totals.freeable_bytes,
                {name: member.size_bytes for member in self.members for name in member.names},
            )
        )


def summarise(
    store: Store,
    run: Run,
    work: FleetWork,
    *,
    sources: tuple[str, ...],
    platform: str,
    costs: FleetCostInputs,
    database: Path | None,
    now: float,
) -> FleetReport:
    """The report of a run that did all that it could; the run is marked as ended. Raises `AdvisoryError`, before that."""
    found = _Summary(store, run)
    totals = found.totals()
    security: FleetSecurity | None = None
    counts: Mapping[str, int] | None = None
    if database is not None:
        security, counts = found.spread.assess(database)
    bases = tuple(found.base_rows())
    complete = not found.missing and totals.names > 0
    report = FleetReport(
        verb="fleet",
        tool_version=__version__,
        sources=sources,
        platform=platform,
        complete=complete,
        missing=tuple(found.missing),
        totals=totals,
        images=tuple(found.images(counts)),
        bases=bases,
        alignments=tuple(found.alignments(bases)),
        packages=tuple(found.packages()),
        waste=tuple(found.waste()),
        twins=tuple(found.twins()),
        security=security,
        trend=found.trend(totals),
        costs=costs_of(totals, costs),
        work=work,
        notes=tuple(found.notes),
    )
    store.finish(run.id, now, complete, found.run_totals(totals))
    return report


def costs_of(totals: FleetTotals, inputs: FleetCostInputs) -> FleetCosts:
    """Storage is every layer once; transfer is full pulls of an image of average size."""
    average = scaled(totals.images_compressed, 1 / totals.images if totals.images else 0.0)
    pulls = inputs.pulls_per_day * inputs.days_per_month
    storage = scaled(totals.stored_compressed, inputs.storage_usd_per_gb_month / _GB)
    transfer = scaled(average, pulls * inputs.transfer_usd_per_gb / _GB)
    part = (
        totals.freeable_compressed.value / totals.stored_compressed.value
        if totals.freeable_compressed.value is not None and totals.stored_compressed.value
        else 0.0
    )
    saved_storage = scaled(totals.freeable_compressed, inputs.storage_usd_per_gb_month / _GB)
    return FleetCosts(
        inputs,
        storage,
        transfer,
        total((saved_storage, scaled(transfer, part))),
        tuple((mbps, scaled(average, 8 / (mbps * 1e6))) for mbps in inputs.pull_mbps),
    )


def base_name(base: Base) -> str:
    """What a base is called: its name, else the beginning of its digest."""
    return base.name or base.digest[:19]


def _repository(name: str) -> str:
    """A reference without its tag and digest."""
    bare = name.partition("@")[0].removeprefix("docker://")
    head, slash, last = bare.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"
