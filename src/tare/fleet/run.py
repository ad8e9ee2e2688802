"""One run over a fleet: list, resolve, read each layer once, merge each chain once. Every step goes on from what the store
has, so that a run that broke off costs what was in flight."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

import msgspec

from tare.core.errors import TareError
from tare.core.events import Event, EventSink
from tare.fleet.executors import Executor, dispatch
from tare.fleet.listing import Catalog, read_source
from tare.fleet.registries import Registries
from tare.fleet.resolve import Resolver
from tare.fleet.store import Run, Store
from tare.fleet.tasks import Failure, LayersRead, Pinned, ReadTask, SurveyTask, failure_of
from tare.image.access import Access
from tare.schema.fleet import FleetWork

_TRIES = 3  # images from which a layer is asked for before it counts as missing
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the sources is wanted. Globs; `newest` keeps the last so many tags of each repository, as version numbers order
    them; 0 keeps all."""

    platform: str = ""
    repositories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    newest: int = 0


@dataclass(slots=True)
class _Counts:
    layers_read: int = 0
    layers_known: int = 0
    bytes_read: int = 0
    surveyed: int = 0
    known: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class FleetRun:
    """What a run needs. `executor` is called when there is work for it: an unchanged fleet starts no process."""

    store: Store
    run: Run
    sources: tuple[str, ...]
    selection: Selection
    registries: Registries
    access: Access
    executor: Callable[[], Executor]
    per_host: int
    on_event: EventSink
    _counts: _Counts = field(default_factory=_Counts)
    _running: Executor | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def go(self) -> FleetWork:
        """Do what is left to do. Raises `TareError` for what stops the whole; single failures are in the store."""
        started = time.monotonic()
        with self._stack:
            if not self.run.listed:
                self._list()
            self._resolve()
            images = self.store.images(self.run.id)
            self._read(images)
            self._survey(images)
        counts = self._counts
        return FleetWork(
            layers_read=counts.layers_read,
            layers_known=counts.layers_known,
            bytes_read=counts.bytes_read,
            images_surveyed=counts.surveyed,
            images_known=counts.known,
            names_unchanged=counts.unchanged,
            resumed=self.run.resumed,
            elapsed_s=time.monotonic() - started,
            workers=self._running.slots if self._running else 0,
            where=self._running.where if self._running else "nothing had to be read",
        )

    def _started(self) -> Executor:
        if self._running is None:
            self._running = self.executor()
            self._stack.callback(self._running.close)
        return self._running

    # -- names --------------------------------------------------------------------------------------------------

    def _list(self) -> None:
        whole = True
        for source in self.sources:
            self.on_event(Event("stage", f"Listing {source}"))
            found = read_source(source)
            if isinstance(found, Catalog):
                whole &= self._list_catalog(source, found)
                continue
            self.store.add_names(self.run.id, (one.reference for one in found if not one.problem))
            for one in found:
                if one.problem:
                    self._fail("list", f"{one.reference} ({one.origin})", Failure(one.problem))
                    whole = False
        if whole:  # else a resumed run lists again
            self.store.listed(self.run.id)

    def _list_catalog(self, source: str, catalog: Catalog) -> bool:
        whole = True
        try:
            with ThreadPoolExecutor(self.per_host, thread_name_prefix="tare-list") as pool:
                for names in batched(self._repositories(catalog), _BATCH):
                    listed = pool.map(lambda name: self._tags(catalog.host, name), names)
                    for repository, tags in zip(names, listed, strict=True):
                        if isinstance(tags, Failure):
                            self._fail("list", f"{catalog.host}/{repository}", tags)
                            whole = False
                            continue
                        found = [f"docker://{catalog.host}/{repository}:{tag}" for tag in tags]
                        self.store.add_names(self.run.id, found)
                        self.on_event(Event("detail", f"{repository}: {len(tags)} tags"))
        except TareError as error:
            self._fail("list", source, failure_of(error))
            whole = False
        return whole

    def _repositories(self, catalog: Catalog) -> Iterator[str]:
        globs = self.selection.repositories
        for repository in self.registries.repositories(catalog.host, catalog.prefix):
            if not globs or any(fnmatchcase(repository, glob) for glob in globs):
                yield repository

    def _tags(self, host: str, repository: str) -> list[str] | Failure:
        """The chosen tags of a repository; runs on a thread of its own."""
        globs = self.selection.tags
        try:
            tags = [
                tag
                for tag in self.registries.tags(host, repository)
                if not globs or any(fnmatchcase(tag, one) for one in globs)
            ]
        except TareError as error:
            return failure_of(error)
        return newest_tags(tags, self.selection.newest)

    def _resolve(self) -> None:
        pending = self.store.unresolved(self.run.id)
        if not pending:
            return
        self.on_event(Event("stage", f"Asking for {len(pending)} images"))
        resolver = Resolver(
            self.registries,
            self.access,
            self.store.roots(),
            platform=self.selection.platform,
            threads=max(4, self.per_host * 2),
            per_host=self.per_host,
        )
        for number, answer in enumerate(resolver.run(pending), 1):
            if answer.failure is None and answer.image is not None:
                try:
                    self.store.resolve(
                        self.run.id, answer.reference, answer.image, answer.root.key if answer.root else None
                    )
                    continue
                finally:
                    self._step(number, len(pending), "names")
            if answer.failure is not None:
                self._fail("resolve", answer.reference, answer.failure)
            else:
                self._counts.unchanged += 1
                self.store.resolve_known(self.run.id, answer.reference, answer.known)
            self._step(number, len(pending), "names")

    # -- layers -------------------------------------------------------------------------------------------------

    def _read(self, images: Sequence[tuple[str, str]]) -> None:
        wanted: dict[str, list[str]] = {}
        """Layer → the images that have it."""
        known: set[str] = set()
        for digest, chain in images:
            merged = self.store.has_facts(chain)
            for key in self.store.layers_of(chain):
                if self.store.layer(key) is not None and (merged or self.store.scanned(key)):
                    known.add(key)
                else:
                    wanted.setdefault(key, []).append(digest)
        self._counts.layers_known = len(known - set(wanted))
        if not wanted:
            return
        self.on_event(Event("stage", f"Reading {len(wanted)} layers, each once"))
        failures: dict[str, Failure] = {}
        total = len(wanted)
        for attempt in range(_TRIES):
            tasks = self._read_tasks(wanted, attempt)
            for task, outcome in dispatch(self._started(), tasks, self.per_host):
                if isinstance(outcome, LayersRead):
                    for layer in outcome.layers:
                        self.store.add_layer(layer)
                        wanted.pop(layer.key, None)
                        failures.pop(layer.key, None)
                        self._counts.layers_read += 1
                        self._counts.bytes_read += layer.facts.blob_bytes
                    failures.update(outcome.failures)
                elif isinstance(outcome, Failure):
                    keys = task.image.layers()
                    failures.update((keys[place], outcome) for place in task.places)
                self._step(total - len(wanted), total, "layers")
            if not wanted:
                return
        for key, failure in failures.items():
            self._fail("read", key.partition(" ")[0], failure)

    def _read_tasks(self, wanted: dict[str, list[str]], attempt: int) -> Iterator[ReadTask]:
        """One task a layer for registries; one an image for what is opened as a whole. A layer is asked of the image that has
        it first, and after a failure of the next."""
        by_image: dict[str, list[str]] = {}
        for key, owners in wanted.items():
            if attempt < len(owners):
                by_image.setdefault(owners[attempt], []).append(key)
        for digest, keys in by_image.items():
            image = self.store.pinned(digest)
            places = {key: place for place, key in reversed(list(enumerate(image.layers())))}
            if image.endpoint is None:
                yield ReadTask(f"{digest}/{attempt}", image, tuple(sorted(places[key] for key in keys)))
                continue
            for key in keys:
                yield ReadTask(f"{digest}/{places[key]}/{attempt}", image, (places[key],))

    # -- chains -------------------------------------------------------------------------------------------------

    def _survey(self, images: Sequence[tuple[str, str]]) -> None:
        pending: dict[str, str] = {}
        """Chain → an image that has it."""
        for digest, chain in images:
            if self.store.has_facts(chain):
                self._counts.known += 1
            else:
                pending.setdefault(chain, digest)
        if not pending:
            return
        self.on_event(Event("stage", f"Merging the layers of {len(pending)} images"))
        for number, (task, outcome) in enumerate(
            dispatch(self._started(), self._survey_tasks(pending), self.per_host), 1
        ):
            if isinstance(outcome, Failure):
                self._fail("survey", task.image.reference, outcome)
            elif not isinstance(outcome, LayersRead):
                self.store.add_facts(task.id, outcome)
                self._counts.surveyed += 1
            self._step(number, len(pending), "images")

    def _survey_tasks(self, pending: dict[str, str]) -> Iterator[SurveyTask]:
        for chain, digest in pending.items():
            scans: list[bytes] = []
            for key in self.store.layers_of(chain):
                packed = self.store.scan(key)
                if packed is None:
                    break
                scans.append(packed)
            else:
                image: Pinned = self.store.pinned(digest)
                yield SurveyTask(chain, image, tuple(scans))

    # -- telling ------------------------------------------------------------------------------------------------

    def _fail(self, stage: str, what: str, failure: Failure) -> None:
        self.store.fail(self.run.id, stage, what, failure)
        self.on_event(Event("warning", f"{what}: {failure.message}"))

    def _step(self, number: int, total: int, what: str) -> None:
        self.on_event(Event("detail", f"{number} of {total} {what}"))


def batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Lists of so many items; `itertools.batched` is younger than Python 3.11."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def newest_tags(tags: Sequence[str], count: int) -> list[str]:
    """The last `count` tags in the order of their numbers (`1.10` after `1.9`); all for 0."""
    return list(tags) if not count else sorted(tags, key=_version_order)[-count:]


def _version_order(tag: str) -> tuple[tuple[int, int, str], ...]:
    parts: list[tuple[int, int, str]] = []
    text = ""
    for char in tag + "\0":
        if text and (char.isdigit() != text[-1].isdigit() or char == "\0"):
            parts.append((1, int(text), "") if text.isdecimal() and text.isascii() else (0, 0, text))
            text = ""
        text += char
    return tuple(parts)


def sources_key(sources: Sequence[str], selection: Selection) -> str:
    """What tells runs over the same fleet apart from others."""
    places = [str(Path(one).resolve()) if Path(one).exists() else one for one in sources]
    return msgspec.json.encode({"sources": places, "selection": selection}).decode()
