"""One change to an image's packages, and what it takes away."""

from dataclasses import dataclass, replace
from typing import Literal, Self

from tare.security.match import Hit

Kind = Literal["pin", "remove", "upgrade"]
CheckStatus = Literal["resolved", "consistent", "refused", "unchecked"]
WEIGHTS = {"critical": 1000, "high": 100, "medium": 10, "unknown": 10, "low": 1, "none": 0}


@dataclass(frozen=True, slots=True)
class Check:
    """How it is known that a change can be made. `resolved`: the index has a solution with it; `consistent`: the metadata of
    everything installed allows it; `refused`: something forbids it; `unchecked`: nothing could be asked. With the reason."""

    status: CheckStatus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """`packages` are those that change, (name, version before, version after); '' where it goes, or where the newest that the
    distribution has is taken. `gone` are the hits that it takes away, `left` those that stay or come."""

    kind: Kind
    ecosystem: str
    site: str
    packages: tuple[tuple[str, str, str], ...]
    gone: tuple[Hit, ...]
    left: tuple[Hit, ...]
    saved_bytes: int | None
    check: Check

    @property
    def weight(self) -> int:
        """Of the severities that go, less those that come."""
        return sum(WEIGHTS[hit.severity[0]] for hit in self.gone)

    def checked(self, check: Check) -> Self:
        """The same with what a check found."""
        return replace(self, check=check)
