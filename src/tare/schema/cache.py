"""What `tare cache` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION

Verdict = Literal["hit", "miss", "depends", "none"]
"""`depends`: a hit if the stages that it copies from make the same files again. `none`: it makes no layer and costs nothing."""


@dataclass(frozen=True, slots=True)
class CachedStep:
    """One instruction of a stage that the build needs, and what becomes of it after the change.

    `reason` says why it runs again. `elapsed_s` is what it takes when it does; `observed` what an engine did with it
    after the change, where that was tried.
    """

    stage: str
    line: int
    end_line: int
    instruction: str
    verdict: Verdict
    reason: str
    elapsed_s: Quantity
    observed: Literal["hit", "miss"] | None = None


@dataclass(frozen=True, slots=True)
class CacheReport:
    """Which steps a change runs again. `dockerfile` is the text, for showing the steps in it."""

    verb: Literal["cache"]
    tool_version: str
    path: str
    rules: str
    changes: tuple[str, ...]
    dockerfile: str
    steps: tuple[CachedStep, ...]
    rerun_s: Quantity
    notes: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)
