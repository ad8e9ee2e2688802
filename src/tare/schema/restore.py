"""What `tare restore` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.report import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A slim image and its restore layer, put together. `files`: names in the restored tree; `layer_bytes`: file bytes
    that came back. The tree was compared with the fingerprint of the original before anything was written."""

    verb: Literal["restore"]
    tool_version: str
    image: str
    layer: str
    files: int
    layer_bytes: int
    written: str
    digest: str
    schema_version: int = field(default=SCHEMA_VERSION)
