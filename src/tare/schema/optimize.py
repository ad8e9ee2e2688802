"""What `tare optimize` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.finding import Applicability, Saving
from tare.schema.image import ImageFacts
from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION, FileChange
from tare.schema.run import Timings, Verification

PlanStatus = Literal["applied", "refused", "dropped", "not-needed"]
Outcome = Literal["optimized", "unchanged", "planned"]


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One optimization and what became of it. `reason` says why, in every case."""

    transform: str
    title: str
    status: PlanStatus
    reason: str
    applicability: Applicability | None = None
    saving: Saving | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two images. Facts are None where nothing was built; then `estimate` says what is expected."""

    image: ImageFacts | None = None
    timings: Timings | None = None
    estimate: Saving | None = None


@dataclass(frozen=True, slots=True)
class CostInputs:
    """What money and time are computed from; all of them are assumptions that a user may replace.

    `deployments_per_day` counts pulls of a fresh image, `builds_per_day` rebuilds after a source change over the whole
    team; `images_kept` versions stay in the registry at `storage_usd_per_gb_month` (compressed bytes). `pull_mbps`: the
    bandwidths in Mbit/s that pulls are computed for; the first one is what a deployment has.
    """

    deployments_per_day: int = 20
    builds_per_day: int = 50
    images_kept: int = 30
    storage_usd_per_gb_month: float = 0.10
    pull_mbps: tuple[float, ...] = (100.0, 1000.0)


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One line of the comparison: numbers with their unit, or words."""

    name: str
    unit: Literal["bytes", "seconds", "count", "usd", "text"]
    before: Quantity | str
    after: Quantity | str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OptimizeReport:
    """What `tare optimize` found, planned, built, verified and compared.

    The savings of the applied items of `plan` and `unattributed` (what no single one accounts for) add up to the difference
    between both sides.
    """

    verb: Literal["optimize"]
    tool_version: str
    path: str
    outcome: Outcome
    dockerfile: FileChange
    dockerignore: FileChange
    plan: tuple[PlanItem, ...]
    before: Side
    after: Side
    verification: Verification | None
    comparison: tuple[ComparisonRow, ...]
    inputs: CostInputs
    engine: str | None
    work_directory: str | None = None
    written: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unattributed: Saving | None = None
    schema_version: int = field(default=SCHEMA_VERSION)
