"""What happened when something ran: builds, timings, probes."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StepTiming:
    """One build step as the engine reported it."""

    name: str
    cached: bool
    elapsed_s: float | None


@dataclass(frozen=True, slots=True)
class BuildResult:
    """A finished build. `image` is an engine-local reference or ID that can be run."""

    image: str
    elapsed_s: float
    steps: tuple[StepTiming, ...]
    log_tail: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Wall seconds of the same builds for one Dockerfile; None where a build was not possible."""

    cold_s: float | None
    source_change_s: float | None
    requirements_change_s: float | None
    no_change_s: float | None = None


CheckKind = Literal["start", "import", "ability", "health", "http", "command", "user"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that verification asked of an image.

    `passed` is None when it could not be asked; that is not a yes.
    """

    kind: CheckKind
    name: str
    passed: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """The checks on the after-image (each compared with the before-image where there is one)."""

    checks: tuple[Check, ...]
    compared: bool

    @property
    def ok(self) -> bool:
        """True only when something was checked and every check that could be asked of `before` passed."""
        return bool(self.checks) and all(check.passed is True for check in self.checks)
