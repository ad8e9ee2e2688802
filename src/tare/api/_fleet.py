"""`tare fleet` as a function."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from tare.core.errors import UsageError
from tare.core.events import EventSink, null_sink
from tare.fleet.executors import Executor, Inline, LocalPool
from tare.fleet.registries import Manners, Registries
from tare.fleet.run import FleetRun, Selection, sources_key
from tare.fleet.store import Store
from tare.fleet.summary import summarise
from tare.image.access import Access
from tare.image.sources.patience import Patience
from tare.schema.fleet import FleetCostInputs, FleetReport

PATIENCE = Patience(tries=5, longest_pause_s=60.0)
COSTS = FleetCostInputs(0.10, 0.09, 1000, 30, (100.0, 1000.0))


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How a fleet is read. `workers` 0: one a processor. `per_registry` bounds what is asked of one registry at a time, `rate`
    the requests a second to one host (0: no limit; a cluster's workers each have this rate). `fresh` begins anew where a run
    broke off."""

    platform: str = ""
    repositories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    newest: int = 0
    workers: int = 0
    per_registry: int = 4
    rate: float = 0.0
    scheduler: str | None = None
    scheduler_s: float = 30.0
    """Seconds to wait for the scheduler."""
    fresh: bool = False
    patience: Patience = PATIENCE
    costs: FleetCostInputs = field(default_factory=lambda: COSTS)


def fleet(
    sources: Sequence[str],
    store: Path,
    *,
    access: Access | None = None,
    options: FleetOptions | None = None,
    database: Path | None = None,
    on_event: EventSink = null_sink,
) -> FleetReport:
    """Many images as one: where their bytes are, what they share, what a change of a base saves everywhere.

    `sources` are as for `tare.fleet.listing.read_source`: `catalog:HOST/PREFIX`, list files, Kubernetes and Compose manifests,
    directories of archives, references. `store` is a directory that keeps results between runs. `access` says which
    credentials and mirrors may be used (default: none). `database` is an advisory database. The report's `complete` is
    true only when nothing is missing. Raises `TareError` for what stops the run as a whole; the same call goes on from there.

    More than one worker are processes that Python spawns: a script that calls this needs `if __name__ == "__main__":`.
    """
    chosen = options or FleetOptions()
    if not sources:
        raise UsageError(
            "no source", hint="tare fleet catalog:registry.example.com, or a list, a manifest, a directory"
        )
    if chosen.scheduler is not None and find_spec("distributed") is None:
        raise UsageError("--scheduler needs dask.distributed", hint="pip install 'tare-image[fleet]'")
    access = replace(access or Access(), stdin=None)  # it goes to other processes
    manners = Manners(chosen.patience, chosen.rate)
    selection = Selection(chosen.platform, chosen.repositories, chosen.tags, chosen.newest)
    registries = Registries(access, manners)
    workers = chosen.workers or os.cpu_count() or 1

    def executor() -> Executor:
        if chosen.scheduler is not None:
            from tare.fleet.cluster import DaskCluster  # costs a second to import

            return DaskCluster(chosen.scheduler, timeout_s=chosen.scheduler_s)
        if workers == 1:
            return Inline(registries)
        shared = Manners(chosen.patience, chosen.rate / workers)
        return LocalPool(workers, access, shared)

    try:
        with Store(store) as kept:
            run = kept.begin(sources_key(sources, selection), time.time(), fresh=chosen.fresh)
            work = FleetRun(
                kept,
                run,
                tuple(sources),
                selection,
                registries,
                access,
                executor,
                chosen.per_registry,
                on_event,
            ).go()
            return summarise(
                kept,
                run,
                work,
                sources=tuple(sources),
                platform=chosen.platform,
                costs=chosen.costs,
                database=database,
                now=time.time(),
            )
    finally:
        registries.close()
