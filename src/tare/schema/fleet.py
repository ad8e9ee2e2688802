"""What `tare fleet` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION

BaseEvidence = Literal["compared", "history"]


@dataclass(frozen=True, slots=True)
class FleetTotals:
    """Sums over the images that were read. An image is one manifest, however many names it has; a layer is one blob.

    `images_bytes` counts every image in full, `stored_bytes` every layer once. The `compressed` figures are what pulls move
    and registries keep. `freeable_bytes` is what all fixes together would take out of the stored layers.
    """

    names: int
    images: int
    layers: int
    shared_layers: int
    """Layers that more than one image has."""
    images_bytes: int
    stored_bytes: int
    images_compressed: Quantity
    stored_compressed: Quantity
    freeable_bytes: int
    freeable_compressed: Quantity


@dataclass(frozen=True, slots=True)
class FleetMissing:
    """A name, source or image that the figures do not hold, and why."""

    what: str
    stage: Literal["list", "resolve", "read", "survey"]
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FleetImage:
    """One image, with the names that lead to it. `fix` is the remedy that frees most of it."""

    digest: str
    names: tuple[str, ...]
    platform: str
    layers: int
    size_bytes: int
    compressed_bytes: Quantity
    own_bytes: int
    """In layers that no other image has."""
    base: str
    waste_bytes: int
    """Hidden under later layers, or further copies."""
    freeable_bytes: int
    fix: str
    fix_bytes: int
    vulnerabilities: int | None
    """None: no database was given."""


@dataclass(frozen=True, slots=True)
class FleetBase:
    """A base image: layers that images stand on. `known_by` compared: another image of the fleet is exactly these layers;
    history: the build history tells. `images` stand on it, directly or not, `direct` directly.

    One change of it that takes `freeable_bytes` out saves `freeable_compressed` in the registry, and
    `saved_pull_bytes` when every image above is pulled once in full.
    """

    name: str
    digest: str
    """Of the chain of its layers: sha256 over their digests."""
    known_by: BaseEvidence
    layers: int
    images: int
    direct: int
    size_bytes: int
    compressed_bytes: Quantity
    above_bytes: int
    """What the images above it add in layers of their own, each layer once."""
    freeable_bytes: int
    freeable_compressed: Quantity
    saved_pull_bytes: Quantity
    fix: str


@dataclass(frozen=True, slots=True)
class FleetAlignment:
    """Versions of one base image in use at once. Moving all to the largest frees what the others keep stored."""

    name: str
    versions: int
    images: int
    stored_bytes: int
    saved_bytes: int
    saved_compressed: Quantity


@dataclass(frozen=True, slots=True)
class FleetPackage:
    """A package over all versions. `images_bytes` counts it in every image, `stored_bytes` in every layer once."""

    manager: str
    name: str
    versions: tuple[str, ...]
    images: int
    images_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class FleetWaste:
    """What one remedy would free. `kind` and `name` are those of `what_if` in `inspect`."""

    kind: Literal["waste", "class", "package", "duplicates"]
    name: str
    fix: str
    images: int
    images_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class FleetTwins:
    """Layers that are stored several times: `time-stamps`: entries and contents are equal but for times and order (contents by
    64-bit hash); `compression`: the same tar, compressed differently."""

    kind: Literal["time-stamps", "compression"]
    layers: tuple[str, ...]
    images: int
    instruction: str
    size_bytes: int
    """Of one copy."""
    wasted_bytes: int
    wasted_compressed: Quantity


@dataclass(frozen=True, slots=True)
class FleetVulnerability:
    """One vulnerability by how far it spread. `bases` are those whose own layers have the package."""

    id: str
    aliases: tuple[str, ...]
    severity: str
    score: float | None
    verdict: str
    packages: tuple[str, ...]
    fixed_in: tuple[str, ...]
    images: int
    bases: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class FleetSecurity:
    """CVEs by spread. `unassessed` are packages of images about which the database says nothing, by reason."""

    database: str
    database_newest: str
    database_updated: str
    packages: int
    """Different packages that were looked up."""
    vulnerabilities: tuple[FleetVulnerability, ...]
    unassessed: dict[str, int]


@dataclass(frozen=True, slots=True)
class FleetTrend:
    """Against the last run over the same sources. Byte figures are now minus then."""

    since: str
    complete: bool
    """Whether the earlier run was; a difference with a partial run may be what it lacked."""
    images: int
    new_images: int
    gone_images: int
    stored_bytes: int
    stored_compressed_bytes: float | None
    freeable_bytes: int
    grown: tuple[tuple[str, int], ...]
    """Names whose image became larger, and by how much, the most first."""


@dataclass(frozen=True, slots=True)
class FleetCostInputs:
    """What the costs are computed from."""

    storage_usd_per_gb_month: float
    transfer_usd_per_gb: float
    pulls_per_day: int
    """Full pulls of an image of average size, over the fleet."""
    days_per_month: int
    pull_mbps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FleetCosts:
    """Money and time. `saved_usd_month` is the share of both that the freeable bytes have."""

    inputs: FleetCostInputs
    storage_usd_month: Quantity
    transfer_usd_month: Quantity
    saved_usd_month: Quantity
    pull_s: tuple[tuple[float, Quantity], ...]
    """Bandwidth in Mbit/s and the seconds that pulling the average image takes."""


@dataclass(frozen=True, slots=True)
class FleetWork:
    """What this run did. A second run over an unchanged fleet reads no layer."""

    layers_read: int
    layers_known: int
    bytes_read: int
    images_surveyed: int
    images_known: int
    names_unchanged: int
    """Names whose digest was the same as before, so that nothing was fetched but that."""
    resumed: bool
    elapsed_s: float
    workers: int
    where: str


@dataclass(frozen=True, slots=True)
class FleetReport:
    """Many images. `complete` is true only when every source was listed and every image read; else `missing` says what the
    figures do not hold."""

    verb: Literal["fleet"]
    tool_version: str
    sources: tuple[str, ...]
    platform: str
    complete: bool
    missing: tuple[FleetMissing, ...]
    totals: FleetTotals
    images: tuple[FleetImage, ...]
    """The one whose fixes free most first."""
    bases: tuple[FleetBase, ...]
    alignments: tuple[FleetAlignment, ...]
    packages: tuple[FleetPackage, ...]
    waste: tuple[FleetWaste, ...]
    twins: tuple[FleetTwins, ...]
    security: FleetSecurity | None
    trend: FleetTrend | None
    costs: FleetCosts
    work: FleetWork
    notes: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)
