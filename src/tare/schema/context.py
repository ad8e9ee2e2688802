"""What `tare context` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.report import SCHEMA_VERSION, FileChange


@dataclass(frozen=True, slots=True)
class ContextItem:
    """One path of the build context. `verdict`: `sent`, `ignored`, `unused` (no COPY takes it) or `unsafe`."""

    path: str
    size_bytes: int
    verdict: Literal["sent", "ignored", "unused", "unsafe"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ContextReport:
    """What a build would send, largest first, and the ignore file that tare proposes."""

    verb: Literal["context"]
    tool_version: str
    path: str
    sent_bytes: int
    sent_files: int
    proposed_bytes: int
    items: tuple[ContextItem, ...]
    dockerignore: FileChange
    problems: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)
