"""What `tare init` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.report import SCHEMA_VERSION, FileChange


@dataclass(frozen=True, slots=True)
class InitReport:
    """Files that make a project ready, and what of the project they were made from. `written`: they are on the disk now."""

    verb: Literal["init"]
    tool_version: str
    path: str
    found: tuple[str, ...]
    files: tuple[FileChange, ...]
    written: bool
    schema_version: int = field(default=SCHEMA_VERSION)
