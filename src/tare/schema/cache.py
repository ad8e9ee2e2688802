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
class Advice:
    """A setting outside of the Dockerfile: what for, and the exact words."""

    purpose: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFrequency:
    """How many commits of a history changed what one source of a COPY, ADD or bind mount takes."""

    line: int
    source: str
    commits: int
    per_week: float


@dataclass(frozen=True, slots=True)
class StepFrequency:
    """How many commits ran one step again; `depends` more do so unless another stage makes the same files again.
    `elapsed_s` is what the step takes once."""

    stage: str
    line: int
    end_line: int
    instruction: str
    again: int
    depends: int
    elapsed_s: Quantity


@dataclass(frozen=True, slots=True)
class RebuildCost:
    """A Dockerfile under a history. `steps_per_week` counts runs of steps, `seconds_per_week` what they take."""

    dockerfile: str
    steps: tuple[StepFrequency, ...]
    steps_per_week: Quantity
    seconds_per_week: Quantity


@dataclass(frozen=True, slots=True)
class Proposed:
    """A Dockerfile that the same history would have rebuilt for less; `transforms` with their reasons."""

    transforms: tuple[tuple[str, str], ...]
    applicability: str
    cost: RebuildCost


@dataclass(frozen=True, slots=True)
class ReplayedCommit:
    """One commit built for real, after the one before it. None: not built. `agreed`: the engine ran the steps again that
    the model names, and no others."""

    commit: str
    before_s: float | None
    after_s: float | None
    agreed: bool


@dataclass(frozen=True, slots=True)
class ChangeHistory:
    """What a project's history does to its builds. `dockerfile_commits` changed the Dockerfile itself: every commit is
    counted as if it were what it is now. `merges` count as one commit."""

    first: str
    last: str
    commits: int
    weeks: float
    dockerfile_commits: int
    sources: tuple[SourceFrequency, ...]
    cost: RebuildCost
    proposed: Proposed | None
    replayed: tuple[ReplayedCommit, ...] = ()


@dataclass(frozen=True, slots=True)
class CacheReport:
    """Which steps a change runs again. `dockerfile` is the text, for showing the steps in it. With `history` there is no
    single change, and `steps` is empty. `advice` has further settings with the words to write."""

    verb: Literal["cache"]
    tool_version: str
    path: str
    rules: str
    changes: tuple[str, ...]
    dockerfile: str
    steps: tuple[CachedStep, ...]
    rerun_s: Quantity
    notes: tuple[str, ...] = ()
    history: ChangeHistory | None = None
    advice: tuple[Advice, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)
