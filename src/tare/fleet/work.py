"""What workers do, in whatever process they are: read layers, and merge layers that were read."""

import os
import signal
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from tare.core.errors import ImageError, TareError
from tare.fleet.facts import ChainFacts, FreeableFacts, PackageFacts, layer_facts, layer_key
from tare.fleet.pinned import PinnedSource
from tare.fleet.registries import Manners, Registries
from tare.fleet.tasks import (
    Failure,
    LayersRead,
    Outcome,
    Pinned,
    ReadLayer,
    ReadTask,
    SurveyTask,
    Task,
    failure_of,
)
from tare.image import open_image
from tare.image.access import Access, access_from_environment
from tare.image.analysis import analyse, capture_pattern, read_layer
from tare.image.catalog import CATALOGS, Catalog, Package
from tare.image.layer_cache import pack_scan, unpack_scan
from tare.image.model import Image, make_image
from tare.image.scan import LayerScan
from tare.image.sources.patience import Patience
from tare.inspect.survey import Survey, survey
from tare.security.ownership import settle
from tare.security.release import RELEASE_FILES, read_release

_PATIENCE = Patience(tries=5, longest_pause_s=60.0)


class _ReleaseFile:
    """Keeps `/etc/os-release` with the package databases, so that nothing is opened again to learn the distribution."""

    manager = "release"
    pattern = "|".join(RELEASE_FILES)

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """No package."""
        return ()


FLEET_CATALOGS: tuple[Catalog, ...] = (*CATALOGS, _ReleaseFile())
PATTERN = capture_pattern(FLEET_CATALOGS)


@dataclass(slots=True)
class _Process:
    """What a process keeps between tasks."""

    registries: Registries | None = None


_process = _Process()


def prepare(access: Access, manners: Manners) -> None:
    """Make this process a worker of a local pool: it uses what the command may use, and leaves Ctrl-C to its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _process.registries = Registries(access, manners)


def _registries() -> Registries:
    """Those of the pool; on a cluster, where nobody prepares a worker, with the credentials of its own environment."""
    if _process.registries is None:
        _process.registries = Registries(access_from_environment(os.environ), Manners(_PATIENCE))
    return _process.registries


def perform(task: Task, registries: Registries | None = None) -> Outcome:
    """Do one task, with these registries or those of the process. What cannot be read is in the answer; only a killed
    process gives none."""
    try:
        if isinstance(task, ReadTask):
            return _read_layers(task, registries or _registries())
        return _survey(task)
    except (TareError, OSError, MemoryError) as error:
        return failure_of(error)


def _read_layers(task: ReadTask, registries: Registries) -> LayersRead:
    read: list[ReadLayer] = []
    failures: list[tuple[str, Failure]] = []
    with ExitStack() as stack:
        image = stack.enter_context(_opened(task.image, registries))
        for place in task.places:
            layer = image.layers[place]
            key = layer_key(layer.diff_id, layer.digest)
            try:
                scan = read_layer(image, layer, PATTERN)
            except (TareError, OSError, MemoryError) as error:
                failures.append((key, failure_of(error)))
                continue
            read.append(ReadLayer(key, pack_scan(scan), layer_facts(scan)))
    return LayersRead(tuple(read), tuple(failures))


def _opened(image: Pinned, registries: Registries) -> Image:
    """The image, its layers still to be read. Raises `ImageError` where another image has its place now."""
    if image.endpoint is not None:
        return make_image(image.reference, PinnedSource(image, registries), ExitStack())
    opened = open_image(image.reference, platform=image.platform or None, access=registries.access)
    if opened.source.manifest() != image.manifest:
        opened.close()
        raise ImageError(
            "the image changed while the fleet was read", where=image.reference, hint="run again"
        )
    return opened


def _survey(task: SurveyTask) -> ChainFacts | Failure:
    scans: list[LayerScan] = []
    for packed in task.scans:
        found = unpack_scan(packed)
        if found is None:
            return Failure("the store holds a broken scan of one of its layers", "run again with --fresh")
        scans.append(found[0])
    image = make_image(task.image.reference, PinnedSource(task.image, None), ExitStack())
    count = len(scans)
    config = replace(image.config, diff_ids=image.config.diff_ids[:count])
    image = replace(image, layers=image.layers[:count], config=config)
    known = {(layer.diff_id, layer.digest): scan for layer, scan in zip(image.layers, scans, strict=True)}
    analysis = analyse(image, workers=1, catalogs=FLEET_CATALOGS, known=known)
    return _chain_facts(survey(analysis))


def _chain_facts(found: Survey) -> ChainFacts:
    analysis = found.analysis
    owned = settle([package for package, _ in found.packages], read_release(analysis.files))
    packages = [
        PackageFacts(
            package.manager,
            package.name,
            package.version,
            tally.files,
            dict(tally.layers),
            owner.ecosystem,
            owner.name,
            owner.version,
            owner.reason,
        )
        for (package, tally), owner in zip(found.packages, owned, strict=True)
    ]
    return ChainFacts(
        visible_bytes=found.visible_bytes,
        hidden_bytes=sum(gone.inode.entry.size_bytes for gone in analysis.tree.hidden),
        duplicate_bytes=sum(group.wasted_bytes for group in found.duplicates),
        packages=packages,
        classes={kind.value: tally.size_bytes for kind, tally in found.classes.items()},
        freeable=[
            FreeableFacts(one.kind, one.name, one.remedy.title, dict(one.layers)) for one in found.freeable
        ],
        problems=[str(problem) for problem in analysis.problems],
    )
