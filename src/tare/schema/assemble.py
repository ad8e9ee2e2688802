"""What `tare assemble` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class AssembledLayer:
    """One layer above the base: what it holds, its digest, bytes as stored and unpacked."""

    content: str
    digest: str
    compressed_bytes: int | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class AssembleReport:
    """An image that was put together. `size_bytes` counts all layers as tars, `left_out` steps of the Dockerfile that only
    an engine could carry out. `reused_lock`: the packages are those of a run
    before with the same requirements."""

    verb: Literal["assemble"]
    tool_version: str
    path: str
    base: str
    destination: str
    digest: str
    python_version: str
    packages: tuple[str, ...]
    layers: tuple[AssembledLayer, ...]
    size_bytes: int
    compressed_bytes: Quantity
    elapsed_s: Quantity
    left_out: tuple[str, ...] = ()
    reused_lock: bool = False
    schema_version: int = field(default=SCHEMA_VERSION)
