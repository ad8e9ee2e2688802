"""What `tare diff` answers: two images, `before` and `after`. Layers are numbered from 1, the lowest first."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.inspect import Kind
from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION

InstructionChange = Literal["added", "removed", "changed", "rebuilt"]
Aspect = Literal["kind", "content", "mode", "owner", "link", "xattrs", "device"]


@dataclass(frozen=True, slots=True)
class DiffSide:
    """One of the two images. `hidden_bytes` by cause; `read_layers` is how many of its layers had to be looked at: those
    that the first image has too are not read again for the second."""

    reference: str
    platform: str
    size_bytes: int
    compressed_bytes: Quantity
    visible_bytes: int
    hidden_bytes: dict[str, int]
    duplicate_bytes: int
    efficiency: float
    layers: int
    files: int
    packages: int
    read_layers: int


@dataclass(frozen=True, slots=True)
class DiffLayer:
    """One layer: `before` and `after` are its numbers there, 0 where the image does not have it."""

    diff_id: str
    instruction: str
    size_bytes: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class FileState:
    """A path as one image has it. `package` is `manager:name version`, '' for none."""

    kind: Kind
    size_bytes: int
    mode: int
    uid: int
    gid: int
    link: str
    layer: int
    package: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One path that differs. `aspects` say in what, for those that both have; times are not compared."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: FileState | None
    after: FileState | None
    aspects: tuple[Aspect, ...] = ()

    @property
    def growth_bytes(self) -> int:
        """What the path takes more than before."""
        return (self.after.size_bytes if self.after else 0) - (self.before.size_bytes if self.before else 0)


@dataclass(frozen=True, slots=True)
class FileTotals:
    """Counts and bytes of `files`. A file of several names counts under each, its bytes too."""

    added: int
    added_bytes: int
    removed: int
    removed_bytes: int
    changed: int
    content: int
    mode: int
    owner: int
    growth_bytes: int
    """What changed files take more than before."""


@dataclass(frozen=True, slots=True)
class PackageDiff:
    """A package that one image has and the other has not, or has in other versions (several where it is installed more
    than once; empty where it is not)."""

    manager: str
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    size_before_bytes: int
    size_after_bytes: int


@dataclass(frozen=True, slots=True)
class InstructionDiff:
    """An instruction whose layer only one image has, or two versions of one: `changed` where their words differ, `rebuilt`
    where the same words made another layer. Lines are those of the Dockerfiles, where they were given. `files` that differ
    are laid to one instruction each, so that `growth_bytes` add up over all of them. `packages` are the largest of those
    whose files differ."""

    change: InstructionChange
    layer_before: int
    line_before: int | None
    instruction_before: str
    layer_after: int
    line_after: int | None
    instruction_after: str
    files: int
    growth_bytes: int
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VulnerabilityDiff:
    """A known vulnerability that only one of the images has. `verdict` unknown: its versions cannot be compared."""

    id: str
    change: Literal["added", "removed"]
    severity: str
    verdict: Literal["affected", "unknown"]
    manager: str
    package: str
    version: str
    fixed_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiffVulnerabilities:
    """What an advisory database says of both images; `newest` is its newest advisory. `unassessed`: packages that it
    cannot speak of."""

    database: str
    newest: str
    before: int
    after: int
    unassessed_before: int
    unassessed_after: int
    changes: tuple[VulnerabilityDiff, ...]


@dataclass(frozen=True, slots=True)
class SettingDiff:
    """One setting of the configuration; None where it is not set. Values of secret-like variables are `***`."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class DiffReport:
    """What changed from one image to the other."""

    verb: Literal["diff"]
    tool_version: str
    before: DiffSide
    after: DiffSide
    layers: tuple[DiffLayer, ...]
    shared_layers: int
    shared_bytes: int
    totals: FileTotals
    files: tuple[FileDiff, ...]
    packages: tuple[PackageDiff, ...]
    configuration: tuple[SettingDiff, ...]
    instructions: tuple[InstructionDiff, ...] = ()
    vulnerabilities: DiffVulnerabilities | None = None
    """None where no database was given."""
    notes: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)

    @property
    def differs(self) -> bool:
        """Whether a container could see a difference: in files, packages or configuration."""
        return bool(self.files or self.packages or self.configuration)
