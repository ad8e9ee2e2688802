"""What `tare gate` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class GateRow:
    """One figure of both sides. None: that side has no report with it."""

    name: str
    before: Quantity | None
    after: Quantity | None
    unit: Literal["bytes", "count", "seconds"]
    worse: bool | None
    """Whether it became worse; None where that cannot be told."""


@dataclass(frozen=True, slots=True)
class GateCheck:
    """A reason to stop. `passed` is None where it could not be decided, which stops too."""

    name: str
    passed: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class GateReport:
    """A change before and after, from the JSON reports of other verbs, and whether it may pass."""

    verb: Literal["gate"]
    tool_version: str
    image: str
    rows: tuple[GateRow, ...]
    checks: tuple[GateCheck, ...]
    new_vulnerabilities: tuple[str, ...]
    fixed_vulnerabilities: tuple[str, ...]
    rerun_before: tuple[str, ...]
    """Steps that a change of the source runs again, before and after."""
    rerun_after: tuple[str, ...]
    notes: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)

    @property
    def passes(self) -> bool:
        """Whether every check did."""
        return all(check.passed is True for check in self.checks)
