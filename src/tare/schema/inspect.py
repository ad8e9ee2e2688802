"""What `tare inspect` answers. Layers are numbered from 1, the lowest first; 0 stands for no layer."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION

Kind = Literal["file", "directory", "symlink", "character", "block", "fifo"]
BaseKnown = Literal["compared", "dockerfile", "history"]
ScoreName = Literal["tare", "dive"]


@dataclass(frozen=True, slots=True)
class Share:
    """Bytes of files as they lie unpacked, and what they add to a pull. The pull share is the layer's compressed size
    divided in proportion to the bytes, so it is an estimate even where the layer's size was measured."""

    size_bytes: int
    compressed_bytes: Quantity


@dataclass(frozen=True, slots=True)
class Remedy:
    """What frees bytes: a lint rule (`code` and `rule`), a step of `tare slim` (`slim_level`, `slim_step`) or a transform
    of `tare optimize`; '' where there is none. `title` is a phrase such as "Delete it in the RUN that made it"."""

    title: str
    code: str = ""
    rule: str = ""
    transform: str = ""
    slim_level: str = ""
    slim_step: str = ""


@dataclass(frozen=True, slots=True)
class InspectLayer:
    """One layer. `hidden_bytes` of its own content lie under later layers; `hides_bytes` is what it hides of lower ones.

    `base` tells whether it came with the base image (None: not known). `line` is that of its instruction in the
    Dockerfile, where one was given and fits. Counts are of names: `added` are new, `changed` replaced one, `removed` were
    taken away.
    """

    number: int
    diff_id: str
    digest: str
    instruction: str
    created: str
    base: bool | None
    line: int | None
    size_bytes: int
    compressed_bytes: Quantity
    hidden_bytes: int
    hides_bytes: int
    entries: int
    added: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class WasteItem:
    """Hidden content of one cause between two layers: `written_in` holds it, `hidden_in` hid it. `files` counts all,
    `paths` has the largest."""

    cause: str
    written_in: int
    hidden_in: int
    files: int
    size_bytes: int
    compressed_bytes: Quantity
    paths: tuple[str, ...]
    wrote: str
    """The instruction that wrote it."""
    hid: str
    """The instruction that hid it."""
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class DuplicateItem:
    """The same content at several visible paths; `wasted_bytes` is what all copies but one take."""

    paths: tuple[str, ...]
    layers: tuple[int, ...]
    size_bytes: int
    wasted_bytes: int


@dataclass(frozen=True, slots=True)
class InspectWaste:
    """`hidden_bytes` by cause (overwritten, metadata, whiteout, directory-whiteout, opaque, replaced-directory,
    repeated). `wasted_bytes` is all hidden bytes and `duplicate_bytes` together."""

    hidden_bytes: dict[str, int]
    hidden_total_bytes: int
    hidden_compressed_bytes: Quantity
    duplicate_bytes: int
    wasted_bytes: int
    items: tuple[WasteItem, ...]
    duplicates: tuple[DuplicateItem, ...]


@dataclass(frozen=True, slots=True)
class InspectPackage:
    """An installed package with the visible bytes that its files take. `number` is its place in `packages`, from 0.
    `layers` wrote its files; `freeable_bytes` of it are also in `what_if`."""

    number: int
    manager: str
    name: str
    version: str
    files: int
    size_bytes: int
    compressed_bytes: Quantity
    layers: tuple[int, ...]
    base: bool | None
    freeable_bytes: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class InspectClass:
    """Visible files of one class. The classes' sizes add up to the image's visible bytes."""

    name: str
    files: int
    size_bytes: int
    compressed_bytes: Quantity


@dataclass(frozen=True, slots=True)
class WhatIfItem:
    """Bytes that one remedy frees at most: if it takes all that it aims at (`InspectReport.slim` has what slimming really
    takes). Every byte of the image is in one item at most.
    `kind` and `name` say whose: a cause of waste, a class, a package or duplicates."""

    kind: Literal["waste", "class", "package", "duplicates"]
    name: str
    files: int
    size_bytes: int
    compressed_bytes: Quantity
    remedy: Remedy
    layers: tuple[int, ...] = ()
    """Where the bytes are, the layer with the most first."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`freeable_bytes` (all items) and `kept_bytes` add up to the image's `size_bytes`."""

    items: tuple[WhatIfItem, ...]
    freeable_bytes: int
    freeable_compressed_bytes: Quantity
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class SlimLevelStep:
    """What one step of `tare slim` would do. `level` is the first that runs it; `removed` and `changed` count names."""

    name: str
    level: str
    removed: int
    changed: int
    freed_bytes: int


@dataclass(frozen=True, slots=True)
class SlimLevel:
    """What `tare slim --level` would free on disk, by its own plan; the result was neither written nor run.

    `freed_bytes` and `left_bytes` add up to the image's `size_bytes`. The steps' `freed_bytes` add up to `freed_bytes` and
    `added_bytes`, which is what the result has more: its ledger. `dropped` are steps that the static proof does not allow.
    """

    level: str
    freed_bytes: int
    left_bytes: int
    added_bytes: int
    steps: tuple[SlimLevelStep, ...]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CudaLibrary:
    """A library with GPU code. `component` is cudnn, cublas, torch …; `architectures` are bytes of device code by
    architecture (`sm_90`, `ptx_90`), as its fat binaries hold them."""

    path: str
    component: str
    size_bytes: int
    device_bytes: int
    architectures: dict[str, int]


@dataclass(frozen=True, slots=True)
class InspectBase:
    """The layers that came with the base image, and how that is known."""

    layers: int
    known_by: BaseKnown
    name: str
    size_bytes: int
    own_size_bytes: int


@dataclass(frozen=True, slots=True)
class DiveFacts:
    """dive's own figures, equal to the last digit. None where dive has none (it prints NaN)."""

    efficiency: float | None
    wasted_bytes: int
    wasted_user_percent: float | None
    inefficient: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class BudgetCheck:
    """One limit and what it was held against. `passed` is None where the figure is unknown, which counts as failed.
    `origin` is the flag, configuration key or `.dive-ci` entry; `reason` a sentence."""

    name: str
    limit: float
    actual: float | None
    unit: Literal["bytes", "count", "ratio"]
    passed: bool | None
    reason: str
    origin: str


@dataclass(frozen=True, slots=True)
class InspectFinding:
    """Something to act on, for SARIF and annotations: `path` and `line` are the Dockerfile's where the instruction is
    known, else the image's reference and 1."""

    code: str
    name: str
    severity: Literal["error", "warning", "info"]
    path: str
    line: int
    column: int
    message: str
    size_bytes: int
    layer: int = 0


@dataclass(frozen=True, slots=True)
class InspectRule:
    """What a report says of a kind of finding that occurs in it."""

    code: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One version of one path. `layer` wrote it; `hidden_in` hid it with `cause` (0 and '': it is visible). `package` is
    a place in `packages`, -1 for none. `hardlink` is true for every further name of a file: its bytes count once."""

    path: str
    kind: Kind
    size_bytes: int
    layer: int
    hidden_in: int
    cause: str
    mode: int
    uid: int
    gid: int
    mtime: int
    link: str
    package: int
    path_class: str
    hardlink: bool = False


@dataclass(frozen=True, slots=True)
class LayerChange:
    """What one layer did to one name."""

    layer: int
    path: str
    change: Literal["added", "changed", "metadata", "removed"]
    kind: Kind
    size_bytes: int


@dataclass(frozen=True, slots=True)
class InspectReport:
    """Where the bytes of an image are.

    `size_bytes` are the file bytes of all layers (measured), `visible_bytes` those that some path shows, `efficiency` is
    their ratio (1.0 for an image without bytes), or dive's score where that was asked for. `files` and `changes` are
    filled only where asked for: they have a row for every entry.
    """

    verb: Literal["inspect"]
    tool_version: str
    reference: str
    platform: str
    size_bytes: int
    compressed_bytes: Quantity
    visible_bytes: int
    efficiency: float
    score: ScoreName
    entries: int
    layers: tuple[InspectLayer, ...]
    waste: InspectWaste
    classes: tuple[InspectClass, ...]
    packages: tuple[InspectPackage, ...]
    unowned: Share
    """Visible files that no package claims."""
    what_if: WhatIf
    slim: tuple[SlimLevel, ...] = ()
    """Only where asked for: every level that needs no run of the image, the mildest first."""
    base: InspectBase | None = None
    cuda: tuple[CudaLibrary, ...] = ()
    dive: DiveFacts | None = None
    budget: tuple[BudgetCheck, ...] = ()
    findings: tuple[InspectFinding, ...] = ()
    rules: tuple[InspectRule, ...] = ()
    dockerfile: str | None = None
    files: tuple[FileFacts, ...] = ()
    changes: tuple[LayerChange, ...] = ()
    notes: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)

    @property
    def within_budget(self) -> bool:
        """Whether every limit holds; an unknown figure holds none."""
        return all(check.passed is True for check in self.budget)
