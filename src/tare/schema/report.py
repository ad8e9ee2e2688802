"""The envelope that every report shares. `schema_version` grows when a field changes its meaning."""

from dataclasses import dataclass
from typing import Protocol

SCHEMA_VERSION = 1


class Report(Protocol):
    """What a verb answers, and what `--format json` prints. Each verb has its own type in `tare.schema`."""

    @property
    def verb(self) -> str:
        """The verb that made it."""

    @property
    def tool_version(self) -> str:
        """The version of tare."""

    @property
    def schema_version(self) -> int:
        """`SCHEMA_VERSION` of that version."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file as it was (None: there was none) and as it is proposed. `diff` is a unified diff, '' when equal."""

    path: str
    before: str | None
    after: str
    diff: str
