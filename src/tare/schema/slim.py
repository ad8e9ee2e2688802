"""What `tare slim` and `tare why` answer."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION
from tare.schema.run import Verification


@dataclass(frozen=True, slots=True)
class SlimStep:
    """One step. `status`: `applied`, `nothing` (it found nothing to do) or `dropped` (it broke something)."""

    name: str
    level: str
    status: Literal["applied", "nothing", "dropped"]
    reason: str
    removed: int = 0
    changed: int = 0
    saved_bytes: int = 0


@dataclass(frozen=True, slots=True)
class SlimSide:
    """An image before or after. `size_bytes`: file bytes of all layers; `compressed_bytes`: what a pull moves."""

    size_bytes: Quantity
    compressed_bytes: Quantity
    layers: int
    files: int
    packages: int


@dataclass(frozen=True, slots=True)
class SlimReport:
    """What became smaller, why, and how it is known that it works. `written` is None for a run that only shows."""

    verb: Literal["slim"]
    tool_version: str
    source: str
    level: str
    layout: str
    platforms: tuple[str, ...]
    before: SlimSide
    after: SlimSide
    steps: tuple[SlimStep, ...]
    verified: str
    verification: Verification | None
    proof: dict[str, int]
    written: str | None
    digest: str | None
    ledger: str | None
    notes: tuple[str, ...] = ()
    start_before_s: Quantity | None = None
    start_after_s: Quantity | None = None
    """CPU seconds of importing what the start imports, the least of three runs; None without an engine."""
    restore_layer: str | None = None
    """Where what was taken away is kept, for `tare restore`."""
    restore_bytes: int | None = None
    schema_version: int = field(default=SCHEMA_VERSION)


@dataclass(frozen=True, slots=True)
class WhyEntry:
    """One thing that slimming did at or beneath a path."""

    path: str
    action: str
    step: str
    reason: str
    package: str
    saved_bytes: int
    evidence: str


@dataclass(frozen=True, slots=True)
class WhyReport:
    """Why a path of a slim image is gone or changed. `present`: it is (still) there."""

    verb: Literal["why"]
    tool_version: str
    image: str
    path: str
    present: bool
    entries: tuple[WhyEntry, ...]
    restore: str
    schema_version: int = field(default=SCHEMA_VERSION)
