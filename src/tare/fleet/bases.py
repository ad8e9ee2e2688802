"""Which images stand on which. Best evidence first: another image of the fleet whose layers are the lowest of this one; the
build history (see `tare.inspect.base`)."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tare.fleet.tasks import Pinned
from tare.inspect.base import from_history
from tare.schema.fleet import BaseEvidence


@dataclass(slots=True)
class Base:
    """The lowest `layers` layers of some images. `above` are the digests of those that stand on it, nearest or not; `itself`
    those whose layers are exactly these."""

    digest: str
    layers: int
    known_by: BaseEvidence
    name: str = ""
    above: list[str] = field(default_factory=list)
    direct: list[str] = field(default_factory=list)
    itself: list[str] = field(default_factory=list)


def find_bases(
    images: Iterable[tuple[str, Pinned]], names: Mapping[str, tuple[str, ...]]
) -> tuple[Base, ...]:
    """All bases, from (digest, image); `names` are the names that lead to each."""
    histories: dict[str, tuple[int, str]] = {}
    prefixes: dict[str, list[str]] = {}
    whole: dict[str, list[str]] = {}
    for digest, pinned in images:
        _, config = pinned.read()
        chains = prefixes[digest] = _prefixes(config.diff_ids)
        if chains:
            whole.setdefault(chains[-1], []).append(digest)
        split = from_history(config)
        if split is not None:
            histories[digest] = (split.layers, split.name)
    bases: dict[str, Base] = {}
    for digest, chains in prefixes.items():
        found = [count for count in range(1, len(chains)) if chains[count - 1] in whole]
        told, label = histories.get(digest, (0, ""))
        counts = sorted({*found, told} - {0, len(chains)} if told <= len(chains) else set(found))
        for count in counts:
            chain = chains[count - 1]
            base = bases.get(chain)
            if base is None:
                base = bases[chain] = Base(chain, count, "compared" if chain in whole else "history")
                base.itself = whole.get(chain, [])
                base.name = _name(base.itself, names)
            if not base.name and count == told:
                base.name = label
            base.above.append(digest)
            if count == counts[-1]:
                base.direct.append(digest)
    return tuple(bases.values())


def _prefixes(diff_ids: Iterable[str]) -> list[str]:
    """A digest for every prefix of a chain."""
    running = hashlib.sha256()
    found = []
    for diff_id in diff_ids:
        running.update(diff_id.encode() + b"\n")
        found.append(f"sha256:{running.copy().hexdigest()}")
    return found


def _name(itself: Iterable[str], names: Mapping[str, tuple[str, ...]]) -> str:
    known = sorted(name for digest in itself for name in names.get(digest, ()))
    return min(known, key=lambda name: (len(name), name)) if known else ""
