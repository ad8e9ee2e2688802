"""How big an environment will be, before anything is built: resolved versions, real wheel sizes, honest
ranges."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import Literal

import httpx
from packaging.version import Version

from tare.knowledge.index import PackageIndex, best_file
from tare.knowledge.index_pages import DistributionFile, read_filename
from tare.knowledge.index_settings import IndexSettings
from tare.knowledge.requirement_lines import FlatRequirements, flatten
from tare.knowledge.resolve import Pinned, resolve
from tare.knowledge.targets import Target, target_for
from tare.schema.quantity import Quantity, estimated, measured

WORKERS = 8
# What installing adds to a wheel's files: RECORD lines for bytecode and scripts, INSTALLER, console scripts.
INSTALL_FACTOR = (0.995, 1.0, 1.02)
# Bytecode per source byte, CPython 3.11: 1.13 to 1.44 over the sets of benchmarks/estimates.
BYTECODE_FACTOR = (1.05, 1.33, 1.6)
# A wheel whose directory cannot be read: unpacked bytes per packed byte over common wheels.
UNPACK_FACTOR = (1.5, 3.4, 6.0)
# A source distribution: built wheel and its files per packed byte of source.
BUILT_FACTOR = (0.2, 1.0, 6.0)
BUILT_UNPACKED_FACTOR = (0.5, 4.0, 25.0)
# A gzip layer is smaller than its wheels, which hold two headers a file and compress each by itself: bytes saved a
# file, and the spread per byte of the wheels that is left (benchmarks/estimates).
LAYER_SAVED_PER_FILE = (150, 440, 650)
LAYER_SPREAD = 0.03
BYTECODE_RATIO = (0.35, 0.45, 0.55)

Kind = Literal["wheel", "sdist"]
ZERO = measured(0.0)


@dataclass(frozen=True, slots=True)
class PackageEstimate:
    """One package: what is downloaded and what its files take on disk, in bytes. `source` are its `.py`
    files; `prunable` (within the other figures) its tests, headers and static libraries."""

    name: str
    version: str
    filename: str
    kind: Kind
    compressed: Quantity
    uncompressed: Quantity
    source: Quantity
    files: int | None = None
    prunable: Quantity = ZERO
    prunable_compressed: Quantity = ZERO

    @property
    def layer(self) -> Quantity:
        """What its files take in a gzip layer."""
        return _layer((self,), self.compressed)


@dataclass(frozen=True, slots=True)
class MissingPackage:
    """A requirement that the totals leave out, and why."""

    requirement: str
    reason: str


@dataclass(frozen=True, slots=True)
class EnvironmentEstimate:
    """An installed environment. The totals cover `packages`; `missing` must be said beside them.

    `compressed`: bytes that the installer downloads. `uncompressed`: files on disk, without bytecode.
    `bytecode`: what pip's compilation adds (uv adds none unless told). `layer`: a gzip layer of the
    files, without bytecode.
    """

    target: Target
    packages: tuple[PackageEstimate, ...]
    missing: tuple[MissingPackage, ...]
    compressed: Quantity
    uncompressed: Quantity
    bytecode: Quantity
    layer: Quantity

    @property
    def complete(self) -> bool:
        """Whether every requirement is in the totals."""
        return not self.missing

    @property
    def with_bytecode(self) -> Quantity:
        """Files on disk after pip, which compiles."""
        return self.uncompressed + self.bytecode

    @property
    def layer_with_bytecode(self) -> Quantity:
        """A gzip layer of what pip leaves."""
        return self.layer + self.bytecode_layer

    @property
    def bytecode_layer(self) -> Quantity:
        """A gzip layer of the bytecode alone."""
        return scaled_range(self.bytecode, BYTECODE_RATIO, "compressed bytecode")


def scaled_range(quantity: Quantity, factor: tuple[float, float, float], source: str) -> Quantity:
    """A quantity times a factor with a range (low, likely, high)."""
    if quantity.value is None:
        return quantity
    low = quantity.value if quantity.low is None else quantity.low
    high = quantity.value if quantity.high is None else quantity.high
    return estimated(quantity.value * factor[1], low * factor[0], high * factor[2], source)


def _total(quantities: Iterable[Quantity], source: str) -> Quantity:
    return replace(reduce(add, quantities, measured(0.0)), source=source)


def _package(pinned: Pinned, file: DistributionFile, index: PackageIndex) -> PackageEstimate | MissingPackage:
    compressed = index.compressed(file)
    if compressed.value is None:
        return MissingPackage(f"{pinned.name}=={pinned.version}", compressed.source)
    if file.kind == "sdist":
        source = f"built from {file.filename}: the wheel's size is not known before"
        return PackageEstimate(
            pinned.name,
            pinned.version,
            file.filename,
            "sdist",
            scaled_range(compressed, BUILT_FACTOR, source),
            scaled_range(compressed, BUILT_UNPACKED_FACTOR, source),
            scaled_range(compressed, BUILT_FACTOR, source),
        )
    contents = index.contents(file)
    if contents is None:
        source = f"from the packed size of {file.filename}: its directory cannot be read"
        unpacked = scaled_range(compressed, UNPACK_FACTOR, source)
        python = scaled_range(compressed, (0.0, 0.5, 4.0), source)
    else:
        source = "central directory of the wheel"
        unpacked = scaled_range(measured(contents.uncompressed_bytes), INSTALL_FACTOR, source)
        python = measured(contents.source_bytes, source)
    row = PackageEstimate(pinned.name, pinned.version, file.filename, "wheel", compressed, unpacked, python)
    if contents is None:
        return row
    return replace(
        row,
        files=contents.files,
        prunable=measured(contents.prunable_bytes, source),
        prunable_compressed=measured(contents.prunable_packed_bytes, source),
    )


def _file(pinned: Pinned, index: PackageIndex, target: Target) -> DistributionFile | None:
    if pinned.url is not None:
        return read_filename(pinned.url.split("#")[0].rpartition("/")[2], pinned.url.split("#")[0])
    return best_file(index.files(pinned.name), Version(pinned.version), target)


def _sized(pinned: Pinned, index: PackageIndex, target: Target) -> PackageEstimate | MissingPackage:
    file = _file(pinned, index, target)
    if file is None:
        return MissingPackage(f"{pinned.name}=={pinned.version}", "no file for this platform on the index")
    return _package(pinned, file, index)


def _layer(packages: Sequence[PackageEstimate], compressed: Quantity) -> Quantity:
    files = sum(package.files or 0 for package in packages)
    value, low, high = compressed.value or 0.0, compressed.low, compressed.high
    low = (value if low is None else low) * (1 - LAYER_SPREAD) - files * LAYER_SAVED_PER_FILE[2]
    high = (value if high is None else high) * (1 + LAYER_SPREAD) - files * LAYER_SAVED_PER_FILE[0]
    # Wheels of many tiny files are mostly headers: never below a third of the packed bytes.
    floor = value / 3
    saved = files * LAYER_SAVED_PER_FILE[1]
    source = "packed sizes of the wheels less their zip headers"
    return estimated(max(value - saved, floor), max(min(low, value), floor), max(high, floor), source)


def _sum(
    target: Target, rows: Sequence[PackageEstimate | MissingPackage], flat: FlatRequirements
) -> EnvironmentEstimate:
    packages = tuple(row for row in rows if isinstance(row, PackageEstimate))
    missing = [row for row in rows if isinstance(row, MissingPackage)]
    missing += [
        MissingPackage(entry.text, f"{entry.where}: only a checkout or a build can tell its size")
        for entry in flat.skipped
    ]
    compressed = _total((package.compressed for package in packages), "sizes on the package index")
    uncompressed = _total((package.uncompressed for package in packages), "central directories of the wheels")
    sources = _total((package.source for package in packages), "")
    return EnvironmentEstimate(
        target,
        packages,
        tuple(missing),
        compressed,
        uncompressed,
        scaled_range(sources, BYTECODE_FACTOR, "bytecode per byte of source, benchmarks/estimates"),
        _layer(packages, compressed),
    )


def estimate_environment(
    requirement_files: Sequence[Path] = (),
    lines: Sequence[str] = (),
    *,
    python_version: str,
    platform: str = "linux/amd64",
    release: str | None = None,
    constraint_files: Sequence[Path] = (),
    constraint_lines: Sequence[str] = (),
    settings: IndexSettings | None = None,
    extra_index_urls: Sequence[str] = (),
    find_links: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    folder: Path = Path(),
    client: httpx.Client | None = None,
    timeout_s: float = 300.0,
) -> EnvironmentEstimate:
    """Estimate what installing the requirements brings.

    `lines` are requirement lines of a command, relative to `folder`; `platform` an OCI platform;
    `release` a Debian or Ubuntu codename, for its glibc. `environ` is what uv runs with (PATH, HOME,
    proxies).

    Raises `ProjectError` (a file), `ResolutionError` (no solution, naming the requirement),
    `NetworkError` (an index), `UsageError` (Python version, platform).
    """
    target = target_for(python_version, platform, release)
    base = settings or IndexSettings()
    base = replace(
        base,
        extra_index_urls=tuple(dict.fromkeys((*base.extra_index_urls, *extra_index_urls))),
        find_links=tuple(dict.fromkeys((*base.find_links, *find_links))),
    )
    flat = flatten(
        requirement_files,
        lines,
        settings=base,
        constraints=constraint_files,
        constraint_lines=constraint_lines,
        folder=folder,
    )
    with PackageIndex(flat.settings, client) as index:
        solution = resolve(flat, target, index, environ=environ or {}, timeout_s=timeout_s)
        with ThreadPoolExecutor(WORKERS) as pool:
            rows = list(pool.map(lambda pinned: _sized(pinned, index, target), solution.packages))
    return _sum(target, rows, flat)
